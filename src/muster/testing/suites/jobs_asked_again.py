"""The conformance suite of unique keys: jobs that are asked for while they wait or run."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from muster.ports.jobs import AskedAgain, JobLease, JobState
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

__all__ = ["JobsAskedAgainSuite"]


class JobsAskedAgainSuite(JobSuite):
    """Holds a ``JobQueue`` to its port, where jobs have keys; as ``JobQueueSuite``."""

    async def test_one_job_of_a_key_however_many_ask_at_once(self, jobs: JobsUnderTest) -> None:
        """Fifty units; those of another key or type are their own."""
        await asyncio.gather(*(jobs.ask(an_order(unique_key="k")) for _ in range(50)))
        await jobs.ask(an_order(unique_key="k", type=OTHER), an_order(unique_key="other"))
        assert len(await jobs.take(TYPE)) == 2
        assert len(await jobs.take(OTHER)) == 1

    async def test_one_unit_may_ask_twice_for_the_same(self, jobs: JobsUnderTest) -> None:
        """In one call as in two."""
        async with jobs.unit_of_work() as unit:
            same = [an_order(unique_key="k"), an_order(unique_key="k")]
            await jobs.queue.enqueue(unit, same, NOW)
            await jobs.queue.enqueue(unit, [an_order(unique_key="k")], NOW)
            await unit.commit()
        assert len(await jobs.take()) == 1

    async def test_a_waiting_job_sees_what_those_did_who_asked_for_it(
        self, jobs: JobsUnderTest
    ) -> None:
        """It is not taken while one of them is open; else it would look too early."""
        (job_id,) = await jobs.ask(an_order(unique_key="k"))
        async with jobs.unit_of_work() as unit:
            await jobs.queue.enqueue(unit, [an_order(unique_key="k")], NOW)
            assert await jobs.take() == ()
            await unit.commit()
        (taken,) = await jobs.take()
        assert taken.lease.job_id == job_id

    @pytest.mark.parametrize("how", ["finish", "conclude"])
    async def test_asked_for_while_it_runs_it_is_run_once_more(
        self, jobs: JobsUnderTest, how: str
    ) -> None:
        """It may have looked already. Then it is as new, and in the name of whoever asked."""
        (job_id,) = await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take()
        await jobs.ask(an_order(unique_key="k", correlation_id="again"))
        await jobs.ask(an_order(unique_key="k", correlation_id="again"))
        assert await jobs.take() == (), "one at a time"
        await jobs.end(how, taken.lease)
        (again,) = await jobs.take()
        assert (again.lease, again.attempt) == (JobLease(job_id, 2), 1)
        assert again.correlation_id == "again"
        await jobs.end(how, again.lease)
        assert await jobs.take() == ()
        assert await jobs.state(job_id) is JobState.DONE

    @pytest.mark.parametrize("how", ["finish", "conclude", "bury", "postpone", "hand_back", "lose"])
    async def test_the_next_attempt_is_in_the_name_of_whoever_asked_last(
        self, jobs: JobsUnderTest, how: str
    ) -> None:
        """By correlation id and trace, however the attempt ended that ran meanwhile."""
        await jobs.ask(an_order(unique_key="k", trace_context=a_trace("4b")))
        (taken,) = await jobs.take()
        await jobs.ask(an_order(unique_key="k", trace_context=a_trace("5c")))
        later = a_trace("6d")
        await jobs.ask(an_order(unique_key="k", correlation_id="again", trace_context=later))
        match how:
            case "finish" | "conclude":
                await jobs.end(how, taken.lease)
            case "bury":
                await jobs.queue.bury(taken.lease, NOW, "no")
            case "postpone":
                await jobs.queue.postpone(taken.lease, NOW, "no")
            case "hand_back":
                await jobs.queue.hand_back(taken.lease)
        (again,) = await jobs.take(after=LEASE)
        assert (again.correlation_id, again.trace_context) == ("again", later)
        assert (await jobs.record(again.lease.job_id)).correlation_id == "again"

    async def test_what_was_done_before_it_was_asked_for_again_may_be_refused(
        self, jobs: JobsUnderTest
    ) -> None:
        """Where its order matters: it has not seen what those did who asked since."""
        await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take()
        hold = jobs.queue.hold
        async with jobs.unit_of_work() as unit:
            await hold(unit, taken.lease, first_only=True)
        await jobs.ask(an_order(unique_key="k"))
        async with jobs.unit_of_work() as unit:
            await hold(unit, taken.lease)
            with pytest.raises(AskedAgain):
                await hold(unit, taken.lease, first_only=True)
        await jobs.queue.hand_back(taken.lease)
        (again,) = await jobs.take()
        async with jobs.unit_of_work() as unit:
            await hold(unit, again.lease, first_only=True)
        await jobs.finish(again.lease)
        assert await jobs.take() == (), "what was handed back was owed once"

    @pytest.mark.parametrize("how", ["finish", "conclude"])
    async def test_whoever_asks_patiently_lets_it_go_on(
        self, jobs: JobsUnderTest, how: str
    ) -> None:
        """To its end, after which it is run once more; unless somebody else asked as well."""
        patient = [an_order(unique_key="k", patient=True) for _ in range(5)]
        await jobs.ask(patient[0])
        (taken,) = await jobs.take()
        await jobs.ask(patient[1])
        await jobs.ask(patient[2])
        async with jobs.unit_of_work() as unit:
            await jobs.queue.hold(unit, taken.lease, first_only=True)
        await jobs.end(how, taken.lease)
        (again,) = await jobs.take()
        await jobs.ask(patient[3], an_order(unique_key="k"))
        await jobs.ask(patient[4])
        async with jobs.unit_of_work() as unit:
            with pytest.raises(AskedAgain):
                await jobs.queue.hold(unit, again.lease, first_only=True)

    async def test_an_earlier_order_brings_a_waiting_job_forward(self, jobs: JobsUnderTest) -> None:
        """But not one that has failed and pauses."""
        later = NOW + timedelta(hours=1)
        await jobs.ask(an_order(unique_key="k", run_at=later))
        assert await jobs.take() == ()
        await jobs.ask(an_order(unique_key="k", run_at=later + timedelta(hours=1)))
        await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take()
        await jobs.queue.postpone(taken.lease, later, "no")
        await jobs.ask(an_order(unique_key="k"))
        assert await jobs.take() == ()

    async def test_what_goes_to_another_is_as_it_was_when_that_one_took_it(
        self, jobs: JobsUnderTest
    ) -> None:
        """Whoever asked while the first had it came before: the second sees what they did."""
        await jobs.ask(an_order(unique_key="k"))
        await jobs.take()
        await jobs.ask(an_order(unique_key="k"))
        (taken,) = await jobs.take(after=LEASE)
        async with jobs.unit_of_work() as unit:
            await jobs.queue.hold(unit, taken.lease, first_only=True)
        await jobs.finish(taken.lease)
        assert await jobs.take() == (), "it has seen all; it is not owed once more"
