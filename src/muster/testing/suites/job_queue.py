"""The conformance suite of jobs that are asked for, taken and settled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from muster.ports.jobs import JobLease, JobRecord, JobState, LeaseLost, TakenJob
from muster.testing.examples import new_id
from muster.testing.suites.jobs_under_test import (
    LEASE,
    NOW,
    OTHER,
    TYPE,
    JobSuite,
    JobsUnderTest,
    a_trace,
    an_order,
)

__all__ = ["JobQueueSuite"]


class JobQueueSuite(JobSuite):
    """Holds a ``JobQueue`` to its port; give it by the fixture ``jobs``."""

    async def test_a_job_is_there_from_the_commit_on(self, jobs: JobsUnderTest) -> None:
        """Not before, and not at all where the unit is undone."""
        async with jobs.unit_of_work() as unit:
            await jobs.queue.enqueue(unit, [an_order()], NOW)
        assert await jobs.take() == ()
        order = an_order(trace_context=a_trace("4b"))
        async with jobs.unit_of_work() as unit:
            await jobs.queue.enqueue(unit, [order], NOW)
            assert await jobs.take() == ()
            await unit.commit()
        (taken,) = await jobs.take()
        assert taken == TakenJob(
            JobLease(order.id, 1),
            TYPE,
            order.payload,
            1,
            "example-correlation",
            order.trace_context,
        )
        assert await jobs.take() == ()

    async def test_jobs_are_taken_when_they_are_due_the_longest_first(
        self, jobs: JobsUnderTest
    ) -> None:
        """Of the types that are named earlier before those of others; no other types."""
        late, early, other = (
            an_order(run_at=NOW - timedelta(seconds=1)),
            an_order(run_at=NOW - timedelta(seconds=5)),
            an_order(type=OTHER, run_at=NOW - timedelta(hours=1)),
        )
        soon = an_order(run_at=NOW + timedelta(seconds=10))
        await jobs.ask(late, early, other, soon)
        first = await jobs.take(limit=2)
        assert {job.lease.job_id for job in first} == {early.id, late.id}
        assert await jobs.take(TYPE) == ()
        assert [job.type for job in await jobs.take()] == [OTHER]
        (waited,) = await jobs.take(after=timedelta(seconds=10))
        assert waited.lease.job_id == soon.id

    async def test_each_job_goes_to_one_of_many_workers(self, jobs: JobsUnderTest) -> None:
        """However many take at once."""
        ids = await jobs.ask(*(an_order() for _ in range(200)))
        shares = await asyncio.gather(*(jobs.take(limit=40) for _ in range(8)))
        shares.append(await jobs.take(limit=200))
        taken = [job.lease.job_id for share in shares for job in share]
        assert sorted(taken, key=lambda id_: id_.int) == sorted(ids, key=lambda id_: id_.int)

    @pytest.mark.parametrize("how", ["finish", "conclude"])
    async def test_what_is_done_is_kept_with_its_result(
        self, jobs: JobsUnderTest, how: str
    ) -> None:
        """And its key is free for the next."""
        (job_id,) = await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take()
        await jobs.end(how, taken.lease, '{"certificates": 2}')
        assert await jobs.record(job_id) == JobRecord(
            id=job_id,
            type=TYPE,
            state=JobState.DONE,
            payload='{"number": 1}',
            unique_key="k",
            attempts=1,
            asked_at=NOW,
            run_at=NOW,
            taken_at=NOW,
            ended_at=NOW,
            worker="example",
            result='{"certificates": 2}',
            error=None,
            correlation_id="example-correlation",
        )
        await jobs.ask(an_order(unique_key="k"))
        assert len(await jobs.take()) == 1
        assert await jobs.queue.get(new_id()) is None

    async def test_done_and_the_work_commit_together(self, jobs: JobsUnderTest) -> None:
        """Where the unit is undone, the job is not done."""
        (job_id,) = await jobs.ask(an_order())
        (taken,) = await jobs.take()
        async with jobs.unit_of_work() as unit:
            await jobs.queue.finish(unit, taken.lease, NOW, None)
        assert await jobs.state(job_id) is JobState.RUNNING
        await jobs.finish(taken.lease)
        assert await jobs.state(job_id) is JobState.DONE
        with pytest.raises(LeaseLost):
            await jobs.finish(taken.lease)

    async def test_the_job_of_a_worker_that_went_silent_goes_to_another(
        self, jobs: JobsUnderTest
    ) -> None:
        """From the end of its lease on, as another attempt; those that are due wait behind."""
        (job_id,) = await jobs.ask(an_order())
        (lost,) = await jobs.take()
        await jobs.ask(an_order(), an_order())
        moment = timedelta(microseconds=1)
        assert await jobs.take(after=LEASE - moment, limit=0) == ()
        assert [job.lease.job_id for job in await jobs.take(after=LEASE, limit=1)] == [job_id]
        assert not await jobs.held(lost.lease)
        assert await jobs.held(JobLease(job_id, 2))
        assert (await jobs.record(job_id)).attempts == 2

    async def test_a_lost_lease_settles_nothing(self, jobs: JobsUnderTest) -> None:
        """Whoever comes back late cannot commit, nor say what became of the job."""
        (job_id,) = await jobs.ask(an_order())
        (lost,) = await jobs.take()
        (newest,) = await jobs.take(after=LEASE)
        queue = jobs.queue
        await queue.postpone(lost.lease, NOW, "late")
        await queue.bury(lost.lease, NOW, "late")
        await queue.hand_back(lost.lease)
        assert await queue.extend([lost.lease, newest.lease], NOW + 3 * LEASE) == {lost.lease}
        with pytest.raises(LeaseLost):
            await jobs.finish(lost.lease)
        with pytest.raises(LeaseLost):
            await queue.conclude(lost.lease, NOW, None)
        assert await jobs.take(after=3 * LEASE - timedelta(microseconds=1)) == ()
        await jobs.finish(newest.lease)
        assert (await jobs.record(job_id)).error is None

    async def test_who_holds_a_lease_commits_before_it_goes_to_another(
        self, jobs: JobsUnderTest
    ) -> None:
        """Even when it has run out meanwhile: it is looked at and kept in one step."""
        (job_id,) = await jobs.ask(an_order())
        (taken,) = await jobs.take()
        async with jobs.unit_of_work() as unit:
            await jobs.queue.hold(unit, taken.lease)
            assert await jobs.take(after=2 * LEASE) == ()
            await unit.commit()
        (again,) = await jobs.take(after=2 * LEASE)
        assert again.lease == JobLease(job_id, 2)

    async def test_a_lease_can_be_extended(self, jobs: JobsUnderTest) -> None:
        """As long as its worker shows that it lives."""
        await jobs.ask(an_order())
        (taken,) = await jobs.take()
        assert await jobs.queue.extend([taken.lease], NOW + 2 * LEASE) == frozenset()
        assert await jobs.take(after=2 * LEASE - timedelta(microseconds=1)) == ()
        assert len(await jobs.take(after=2 * LEASE)) == 1
        assert await jobs.queue.extend([], NOW) == frozenset()

    async def test_a_failure_is_tried_again_later(self, jobs: JobsUnderTest) -> None:
        """With its error, and the attempt counts."""
        (job_id,) = await jobs.ask(an_order())
        (taken,) = await jobs.take()
        pause = timedelta(seconds=5)
        await jobs.queue.postpone(taken.lease, NOW + pause, "no connection")
        assert await jobs.take(after=pause - timedelta(microseconds=1)) == ()
        assert (await jobs.record(job_id)).error == "no connection"
        (again,) = await jobs.take(after=pause)
        assert (again.attempt, again.lease.number) == (2, 2)

    async def test_what_is_handed_back_was_not_tried(self, jobs: JobsUnderTest) -> None:
        """Another worker has it at once; the lease of the first is lost all the same."""
        (job_id,) = await jobs.ask(an_order())
        (taken,) = await jobs.take()
        await jobs.queue.hand_back(taken.lease)
        (again,) = await jobs.take()
        assert (again.attempt, again.lease) == (1, JobLease(job_id, 2))
        assert not await jobs.held(taken.lease)
