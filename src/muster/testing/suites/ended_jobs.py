"""The conformance suite of what becomes of jobs: dead, cancelled, counted, forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from muster.ports.jobs import JobCounts, JobLease, JobState
from muster.testing.examples import new_id
from muster.testing.suites.jobs_under_test import (
    LEASE,
    NOW,
    OTHER,
    TYPE,
    JobSuite,
    JobsUnderTest,
    an_order,
)

__all__ = ["EndedJobSuite"]


class EndedJobSuite(JobSuite):
    """Holds a ``JobQueue`` to its port, where jobs are over; as ``JobQueueSuite``."""

    async def test_the_dead_wait_for_somebody(self, jobs: JobsUnderTest) -> None:
        """They are shown, the last first, and run again as new once somebody says so."""
        first, second = await jobs.ask(an_order(), an_order())
        taken = {job.lease.job_id: job for job in await jobs.take()}
        await jobs.queue.bury(taken[first].lease, NOW, "no")
        await jobs.queue.bury(taken[second].lease, NOW + LEASE, "no, again")
        shown = await jobs.queue.ended(JobState.DEAD, 10)
        assert [(one.id, one.error) for one in shown] == [(second, "no, again"), (first, "no")]
        assert [one.id for one in await jobs.queue.ended(JobState.DEAD, 1)] == [second]
        assert await jobs.queue.ended(JobState.DONE, 10) == ()
        assert await jobs.take(after=3 * LEASE) == ()
        assert await jobs.revive(first, new_id()) == {first}
        assert await jobs.revive(first) == frozenset()
        (again,) = await jobs.take()
        assert (again.lease, again.attempt) == (JobLease(first, 2), 1)

    async def test_a_live_job_does_for_a_dead_one_of_its_key(self, jobs: JobsUnderTest) -> None:
        """Two dead of one key come back as one as well."""
        ids: list[UUID] = []
        for _ in range(2):
            ids += await jobs.ask(an_order(unique_key="k"))
            (taken,) = await jobs.take()
            await jobs.queue.bury(taken.lease, NOW, "no")
        assert await jobs.revive(*ids) == set(ids)
        assert len(await jobs.take()) == 1
        (dead,) = await jobs.ask(an_order(unique_key="other"))
        (taken,) = await jobs.take()
        await jobs.queue.bury(taken.lease, NOW, "no")
        (live,) = await jobs.ask(an_order(unique_key="other"))
        assert await jobs.revive(dead) == {dead}
        assert [job.lease.job_id for job in await jobs.take()] == [live]

    async def test_one_that_dies_while_it_is_asked_for_lives_on(self, jobs: JobsUnderTest) -> None:
        """Whoever asked is owed attempts of their own."""
        await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take()
        await jobs.ask(an_order(unique_key="k"))
        await jobs.queue.bury(taken.lease, NOW, "no")
        (again,) = await jobs.take()
        assert again.attempt == 1

    async def test_a_cancelled_job_is_never_run_again(self, jobs: JobsUnderTest) -> None:
        """Waiting, running or dead; its worker loses its lease, and its key is free."""
        waiting, running, dead, done = await jobs.ask(
            *(
                an_order(unique_key=key, run_at=NOW - timedelta(seconds=4 - place))
                for place, key in enumerate("wrde")
            )
        )
        taken = {job.lease.job_id: job.lease for job in await jobs.take()}
        await jobs.queue.hand_back(taken[waiting])
        await jobs.queue.bury(taken[dead], NOW, "no")
        await jobs.finish(taken[done])
        chosen = [waiting, running, dead, done]
        assert await jobs.cancel(waiting, running, states=[JobState.DEAD]) == {}
        assert await jobs.cancel(*chosen) == {
            waiting: JobState.WAITING,
            running: JobState.RUNNING,
            dead: JobState.DEAD,
        }
        assert await jobs.cancel(*chosen) == {}
        assert not await jobs.held(taken[running])
        assert await jobs.take(after=2 * LEASE) == ()
        assert {await jobs.state(one) for one in chosen[:3]} == {JobState.CANCELLED}
        await jobs.ask(an_order(unique_key="w"))
        assert len(await jobs.take()) == 1

    async def test_an_instant_of_a_schedule_is_claimed_once(self, jobs: JobsUnderTest) -> None:
        """By one unit that commits; an earlier one is past by then."""

        async def claimed(at: datetime, *, commit: bool = True) -> bool:
            async with jobs.unit_of_work() as unit:
                won = await jobs.queue.tick(unit, "example/hourly", at)
                if commit:
                    await unit.commit()
            return won

        assert await claimed(NOW, commit=False)
        assert sorted(await asyncio.gather(*(claimed(NOW) for _ in range(8)))) == [
            *[False] * 7,
            True,
        ]
        assert not await claimed(NOW - LEASE)
        assert await claimed(NOW + LEASE)

    async def test_jobs_are_counted_by_type(self, jobs: JobsUnderTest) -> None:
        """Those that are over, but for the dead, do not count."""
        early = NOW - timedelta(seconds=3)
        await jobs.ask(*(an_order(run_at=early) for _ in range(4)))
        first, second, third = await jobs.take(limit=3)
        await jobs.queue.bury(first.lease, NOW, "no")
        await jobs.finish(second.lease)
        assert await jobs.queue.counts([TYPE, OTHER]) == {
            TYPE: JobCounts(1, 1, 1, early),
            OTHER: JobCounts(0, 0, 0, None),
        }
        await jobs.queue.postpone(third.lease, NOW + LEASE, "no")
        assert (await jobs.queue.counts([TYPE]))[TYPE] == JobCounts(2, 0, 1, early)

    async def test_what_is_over_is_forgotten_by_age(self, jobs: JobsUnderTest) -> None:
        """The dead by an age of their own; what is live stays."""
        ids = await jobs.ask(*(an_order() for _ in range(5)))
        one, two, three, four, five = (job.lease for job in await jobs.take())
        await jobs.finish(one)
        await jobs.finish(two)
        await jobs.queue.bury(three, NOW, "no")
        await jobs.cancel(four.job_id)
        later = NOW + timedelta(days=1)
        forget = jobs.queue.forget
        assert await forget(NOW, NOW, 10) == 0
        assert await forget(later, NOW, 2) == 2
        assert await forget(later, NOW, 2) == 1
        assert [await jobs.state(id_) for id_ in (three.job_id, five.job_id)] == [
            JobState.DEAD,
            JobState.RUNNING,
        ]
        assert await forget(later, later, 10) == 1
        left = [await jobs.queue.get(id_) for id_ in ids]
        assert [one.id for one in left if one is not None] == [five.job_id]

    @pytest.mark.parametrize(
        "how", ["finish", "conclude", "bury", "postpone", "hand_back", "cancel"]
    )
    async def test_what_becomes_of_a_job_waits_for_the_unit_that_has_it(
        self, jobs: JobsUnderTest, how: str
    ) -> None:
        """Neither the end of the attempt is lost, nor that somebody asked for it again."""
        (job_id,) = await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take()
        settle: dict[str, Callable[[], Awaitable[Any]]] = {
            "finish": lambda: jobs.finish(taken.lease),
            "conclude": lambda: jobs.queue.conclude(taken.lease, NOW, None),
            "bury": lambda: jobs.queue.bury(taken.lease, NOW, "no"),
            "postpone": lambda: jobs.queue.postpone(taken.lease, NOW, "no"),
            "hand_back": lambda: jobs.queue.hand_back(taken.lease),
            "cancel": lambda: jobs.cancel(job_id),
        }
        async with jobs.unit_of_work() as unit:
            again = an_order(unique_key="k", correlation_id="again")
            await jobs.queue.enqueue(unit, [again], NOW)
            settling = asyncio.ensure_future(settle[how]())
            await asyncio.wait([settling], timeout=0.05)
            assert not settling.done(), "it did not wait"
            await unit.commit()
        await settling
        record = await jobs.record(job_id)
        if how == "cancel":
            assert record.state is JobState.CANCELLED
        else:
            assert (record.state, record.correlation_id) == (JobState.WAITING, "again")

    async def test_of_two_who_rule_over_a_dead_job_one_does(self, jobs: JobsUnderTest) -> None:
        """The other waits, and finds it dead no more."""
        (job_id,) = await jobs.ask(an_order())
        (taken,) = await jobs.take()
        await jobs.queue.bury(taken.lease, NOW, "no")
        async with jobs.unit_of_work() as unit:
            assert await jobs.queue.revive(unit, [job_id], NOW) == {job_id}
            others = asyncio.gather(
                jobs.revive(job_id), jobs.cancel(job_id, states=[JobState.DEAD])
            )
            await asyncio.wait([others], timeout=0.05)
            assert await jobs.state(job_id) is JobState.DEAD, "it was not committed yet"
            await unit.commit()
        revived, dropped = await others
        assert not revived
        assert not dropped
        assert await jobs.state(job_id) is JobState.WAITING

    async def test_who_is_passed_over_by_a_sign_of_life_is_not_lost(
        self, jobs: JobsUnderTest
    ) -> None:
        """A unit has the job at that moment, and is about to commit; the lease stays as it is."""
        await jobs.ask(an_order())
        (taken,) = await jobs.take()
        async with jobs.unit_of_work() as unit:
            await jobs.queue.hold(unit, taken.lease)
            assert await jobs.queue.extend([taken.lease], NOW + 2 * LEASE) == frozenset()
        assert len(await jobs.take(after=LEASE)) == 1
