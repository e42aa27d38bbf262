"""What becomes of jobs that fail, take too long, or that nobody can read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from msgspec.structs import replace

from muster.plugin_api import JOB_TYPES, Dispatches, Job, JobRetries, PortLookup
from muster.ports.jobs import JobRecord, JobState
from muster.ports.observation import Activity, JobActivity, Observer, Watch
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.ports.unobserved import Unobserved
from muster_jobs.execution import pause_before
from muster_jobs.schedules import Schedules, last_instant
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of
from tests.jobs.chores import Chore
from tests.jobs.stage import Stage

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]


@asynccontextmanager
async def work(
    stage: Stage, observer: Observer | None = None, **changes: Any
) -> AsyncIterator[JobWorker]:
    """A worker in this process, on types that are changed as told."""
    types = {
        name: replace(one, **changes)
        for name, one in stage.ports.get(JOB_TYPES).by_name().items()
        if name.startswith("chores/")
    }
    settings = stage.app.settings.section(JobsSettings)
    place = workplace_of(stage.ports, asyncio.sleep)
    if observer is not None:
        place = replace(place, observer=observer)
    worker = JobWorker(place, types, settings)
    async with worker.running(grace_seconds=0.2):
        yield worker


async def the_dead(stage: Stage) -> JobRecord:
    await stage.until_states(DEAD=1)
    (record,) = await stage.queue.ended(JobState.DEAD, 10)
    return record


async def test_a_failing_job_is_tried_four_times_and_then_dead(stage: Stage) -> None:
    """Its error is kept without what it says of people; then somebody may say otherwise."""
    await stage.ask("failing", Chore(1))
    async with work(stage):
        record = await the_dead(stage)
    assert (record.attempts, record.correlation_id) == (4, "example")
    assert record.error is not None
    assert record.error.startswith("ValueError: attempt 4 for ")
    assert "mira" not in record.error
    async with stage.ports.get(UNIT_OF_WORK)() as unit:
        assert await stage.queue.revive(unit, [record.id], datetime.now(UTC)) == {record.id}
        await unit.commit()
    assert await stage.states() == Counter(WAITING=1)


async def test_an_attempt_goes_on_in_the_trace_of_whoever_asked(stage: Stage) -> None:
    seen: list[Activity] = []

    class Watching(Unobserved):
        def observing(self, activity: Activity) -> AbstractContextManager[Watch]:
            seen.append(activity)
            return super().observing(activity)

    order = replace(stage.order("note", Chore(1)), trace_context=f"00-{'4b' * 16}-{'f0' * 8}-01")
    async with stage.ports.get(UNIT_OF_WORK)() as unit:
        await stage.queue.enqueue(unit, [order], datetime.now(UTC))
        await unit.commit()
    async with work(stage, Watching()):
        await stage.until_states(DONE=1)
    assert seen == [
        JobActivity("chores/note", order.id, 1, order.correlation_id, order.trace_context)
    ]


async def test_one_that_takes_too_long_has_failed(stage: Stage) -> None:
    await stage.ask("note", Chore(1, seconds=60))
    async with work(stage, timeout_seconds=0.05, retries=JobRetries(most=0)):
        record = await the_dead(stage)
    assert (record.error, record.attempts) == ("TimeoutError: ", 1)
    assert await stage.noted() == Counter()


async def test_a_payload_that_is_of_another_release_fails(stage: Stage) -> None:
    order = replace(stage.order("note", Chore(1)), payload='{"count": 1}')
    async with stage.ports.get(UNIT_OF_WORK)() as unit:
        await stage.queue.enqueue(unit, [order], datetime.now(UTC))
        await unit.commit()
    async with work(stage, retries=JobRetries(most=0)):
        record = await the_dead(stage)
    assert record.error is not None
    assert record.error.startswith("ValidationError")


async def test_a_result_that_cannot_be_kept_is_a_failure(stage: Stage) -> None:
    """PostgreSQL keeps no NUL; the job is dead with that, and the worker goes on."""

    async def answer(job: Job[Chore], ports: PortLookup, dispatcher: Dispatches) -> str:
        return "\0" if job.payload.number == 1 else "fine"

    await stage.ask("note", Chore(1))
    async with work(stage, handle=answer, retries=JobRetries(most=0)):
        record = await the_dead(stage)
        await stage.ask("note", Chore(2))
        await stage.until_states(DEAD=1, DONE=1)
    assert record.error is not None
    assert record.error.startswith("StatementRefused")


async def test_a_cancelled_job_is_called_off_while_it_runs(stage: Stage) -> None:
    (order,) = await stage.ask("note", Chore(1, seconds=60))
    async with work(stage):
        await stage.until_states(RUNNING=1)
        await stage.cancel(order.id)
        await asyncio.sleep(0.4)  # two signs of life
        await stage.until_states(CANCELLED=1)
    assert await stage.noted() == Counter()


async def test_a_schedule_asks_once_however_many_workers_look(stage: Stage) -> None:
    place = workplace_of(stage.ports, asyncio.sleep)
    types = {
        name: one
        for name, one in stage.ports.get(JOB_TYPES).by_name().items()
        if name == "jobs/clean-up"
    }
    await asyncio.gather(*(Schedules(place, types).ask() for _ in range(8)))
    assert await stage.rows("SELECT type, unique_key FROM jobs") == [("jobs/clean-up", "all")]
    assert await stage.rows("SELECT count(*) FROM job_ticks") == [(1,)]


async def test_a_schedule_that_raises_keeps_no_job_and_no_other_schedule_waiting(
    stage: Stage,
) -> None:
    looks = 0

    def broken(_: Any) -> str:
        nonlocal looks
        looks += 1
        raise ValueError("it has no key")

    async def looked_again() -> bool:
        return looks >= 3

    known = stage.ports.get(JOB_TYPES).by_name()
    types = {
        "a/broken": replace(known["jobs/clean-up"], unique_key=broken),
        "chores/note": known["chores/note"],
        "jobs/clean-up": known["jobs/clean-up"],
    }
    await stage.ask("note", Chore(1))
    place = workplace_of(stage.ports, asyncio.sleep)
    worker = JobWorker(place, types, stage.app.settings.section(JobsSettings))
    with structlog.testing.capture_logs() as told:
        async with worker.running(grace_seconds=0.2):
            await stage.until_states(DONE=2)
            await stage.until(looked_again)
    assert await stage.noted() == {1: 1}
    failed = [one for one in told if one["event"] == "job_schedule_failed"]
    assert [(one["job_type"], str(one["exc_info"])) for one in failed] == [
        ("a/broken", "it has no key")
    ], "told once"


def test_the_last_instant_of_a_schedule() -> None:
    at = datetime(2026, 11, 21, 22, 17, tzinfo=UTC)
    for now in (at, at + timedelta(minutes=59, seconds=59)):
        assert last_instant("17 * * * *", now) == at
    assert last_instant("17 * * * *", at - timedelta(seconds=1)) == at - timedelta(hours=1)


def test_pauses_double_up_to_a_bound_and_half_of_each_is_chance() -> None:
    retries = JobRetries(first_seconds=4, longest_seconds=20)
    assert [pause_before(retries, attempt, 1.0) for attempt in (1, 2, 3, 4, 99)] == [
        4,
        8,
        16,
        20,
        20,
    ]
    assert pause_before(retries, 2, 0.0) == 4
