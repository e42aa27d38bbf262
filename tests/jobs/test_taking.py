"""How a worker takes jobs: several at a time, and yet none waits for those that go on for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from msgspec.structs import replace

from muster.plugin_api import JOB_TYPES
from muster.ports.jobs import TakenJob
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWorkFactory
from muster_jobs import worker as taking
from muster_jobs.queue import PostgresJobQueue
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of
from tests.jobs.chores import Chore
from tests.jobs.stage import PATIENCE_SECONDS, Stage

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]

PLACES = 8


class Counted(PostgresJobQueue):
    """Keeps how many jobs were taken each time that there were some."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        super().__init__(units, lambda _: None)
        self.taken: list[int] = []

    async def take(
        self, types: Sequence[str], now: datetime, until: datetime, limit: int, worker: str
    ) -> tuple[TakenJob, ...]:
        found = await super().take(types, now, until, limit, worker)
        if found:
            self.taken.append(len(found))
        return found


@asynccontextmanager
async def work(stage: Stage) -> AsyncIterator[Counted]:
    queue = Counted(stage.ports.get(UNIT_OF_WORK))
    place = replace(workplace_of(stage.ports, asyncio.sleep), queue=queue)
    types = {"chores/note": stage.ports.get(JOB_TYPES).by_name()["chores/note"]}
    settings = stage.app.settings.section(JobsSettings)
    worker = JobWorker(place, types, settings, concurrency=PLACES)
    async with worker.running(grace_seconds=0.2):
        yield queue


async def test_so_many_are_taken_as_half_of_the_places(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_GATHERING_SECONDS", PATIENCE_SECONDS)
    await stage.ask("note", *(Chore(number) for number in range(5 * PLACES)))
    async with work(stage) as queue:
        await stage.until_states(DONE=5 * PLACES)
    assert sum(queue.taken) == 5 * PLACES
    *whole, _rest = queue.taken
    assert min(whole) >= PLACES // 2


async def test_the_last_free_place_is_used_while_others_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_GATHERING_SECONDS", PATIENCE_SECONDS)
    await stage.ask("note", *(Chore(number, seconds=60) for number in range(PLACES - 1)))
    async with work(stage) as queue:
        await stage.until_states(RUNNING=PLACES - 1)
        await stage.ask("note", *(Chore(number) for number in range(10)))
        await stage.until_states(RUNNING=PLACES - 1, DONE=10)
    assert queue.taken == [PLACES - 1, *[1] * 10]
