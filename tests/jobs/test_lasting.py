"""Which commits of a queue wait until they are on the disk, and which need not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muster.ports.jobs import JobLease
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWork, UnitOfWorkFactory
from muster_jobs.queue import PostgresJobQueue
from tests.jobs.chores import Chore
from tests.jobs.stage import Stage

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]

LATER = timedelta(seconds=30)


class Watched(UnitOfWorkFactory):
    """Units of which it is seen how they commit."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self.waits: list[bool] = []
        self._units = units

    def __call__(self, *scope: Any) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._open()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[UnitOfWork]:
        async with self._units() as unit:
            await unit.connection.execute("SET LOCAL synchronous_commit = on")
            yield _Seen(unit, self.waits)  # type: ignore[misc]


class _Seen:
    def __init__(self, unit: UnitOfWork, waits: list[bool]) -> None:
        self.connection = unit.connection
        self._unit = unit
        self._waits = waits

    async def commit(self) -> None:
        row = await self.connection.fetchrow("SELECT current_setting('synchronous_commit') AS it")
        assert row is not None
        self._waits.append(row["it"] == "on")
        await self._unit.commit()


async def _in_the_unit_of_the_work(queue: PostgresJobQueue, units: Any, lease: JobLease) -> None:
    async with units() as unit:
        await queue.finish(unit, lease, datetime.now(UTC), None)
        await unit.commit()


Settle = Callable[[PostgresJobQueue, Any, JobLease], Awaitable[Any]]

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settle", "waits"),
    [
        pytest.param(_in_the_unit_of_the_work, True, id="done with its work"),
        pytest.param(lambda queue, _, lease: queue.bury(lease, NOW, "no"), True, id="dead"),
        pytest.param(lambda queue, _, lease: queue.conclude(lease, NOW, None), False, id="done"),
        pytest.param(lambda queue, _, lease: queue.postpone(lease, NOW, "no"), False, id="failed"),
        pytest.param(lambda queue, _, lease: queue.hand_back(lease), False, id="handed back"),
        pytest.param(lambda queue, _, lease: queue.extend([lease], NOW), False, id="extended"),
    ],
)
async def test_only_what_would_not_be_made_good_by_another_attempt_waits_for_the_disk(
    stage: Stage, settle: Settle, waits: bool
) -> None:
    """A lease that was lost in a crash would be given out twice, so taking waits as well."""
    await stage.ask("note", Chore(1))
    units = Watched(stage.ports.get(UNIT_OF_WORK))
    queue = PostgresJobQueue(units, lambda _: None)
    now = datetime.now(UTC)
    (taken,) = await queue.take(["chores/note"], now, now + LATER, 1, "example")
    await settle(queue, units, taken.lease)
    assert units.waits == [True, waits]
