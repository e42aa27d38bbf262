"""Whoever looks on is told of every statement, as the driver itself counts them, and of pools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from muster.ports.observation import StatementActivity
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.testing.examples import a_franchise
from muster_postgres.database import Database
from muster_postgres.errors import StatementRefused
from muster_postgres.settings import PostgresSettings
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from tests.observed import Diary

pytestmark = pytest.mark.anyio


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
async def watched(clean_database: str, diary: Diary) -> AsyncIterator[Database]:
    settings = PostgresSettings(
        url=clean_database, pool_min_size=1, pool_max_size=2, acquire_timeout_seconds=0.05
    )
    database = Database(settings)
    async with database.opened(diary):
        yield database


async def test_a_unit_of_work_is_told_statement_by_statement(
    watched: Database, diary: Diary
) -> None:
    async with watched.counting() as count, PostgresUnitOfWorkFactory(watched)() as unit:
        await unit.franchises.add(a_franchise())
        await unit.commit()
    assert diary.statements == count.statements
    assert (diary.statements[0], diary.statements[-1]) == ("BEGIN", "COMMIT")
    assert count.total > 2


async def test_what_is_undone_is_told_too(watched: Database, diary: Diary) -> None:
    async with watched.counting() as count, PostgresUnitOfWorkFactory(watched)() as unit:
        await unit.franchises.add(a_franchise())
    assert diary.statements == count.statements
    assert diary.statements[-1] == "ROLLBACK"


async def test_statements_beside_a_unit_are_told(watched: Database, diary: Diary) -> None:
    async with watched.counting() as count:
        await watched.fetch("SELECT 1")
        await watched.fetchrow("SELECT $1::int", 2)
    assert diary.statements == count.statements == ["SELECT 1", "SELECT $1::int"]
    assert all(seen.facts == [] and seen.error is None for _, seen in diary.of(StatementActivity))


async def test_a_statement_that_is_refused_ends_with_the_cores_error(
    watched: Database, diary: Diary
) -> None:
    with pytest.raises(StatementRefused):
        await watched.fetch("SELECT nobody")
    ((activity, seen),) = diary.of(StatementActivity)
    assert activity.text == "SELECT nobody"
    assert isinstance(seen.await_end().error, StatementRefused)


async def test_a_statement_that_is_cancelled_ends(watched: Database, diary: Diary) -> None:
    asking = asyncio.create_task(watched.fetch("SELECT pg_sleep(60)"))
    while not diary.seen:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0.001)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    ((_, seen),) = diary.of(StatementActivity)
    assert isinstance(seen.await_end().error, asyncio.CancelledError)


async def test_the_pool_says_what_is_in_use_and_who_waits(watched: Database, diary: Diary) -> None:
    read = diary.gauges["database_connections"].read
    assert await read() == {"in_use": 0, "idle": 1, "waiting": 0}
    async with watched.connection():
        assert await read() == {"in_use": 1, "idle": 0, "waiting": 0}
        async with watched.connection():
            waiting = asyncio.create_task(watched.fetch("SELECT 1"))
            await asyncio.sleep(0)
            assert await read() == {"in_use": 2, "idle": 0, "waiting": 1}
            with pytest.raises(DatabaseUnavailable):
                await waiting
            assert await read() == {"in_use": 2, "idle": 0, "waiting": 0}
    assert await read() == {"in_use": 0, "idle": 2, "waiting": 0}


async def test_a_pool_that_is_not_open_has_no_reading(clean_database: str, diary: Diary) -> None:
    database = Database(PostgresSettings(url=clean_database, pool_min_size=0))
    async with database.opened(diary):
        pass
    with pytest.raises(RuntimeError, match="not open"):
        await diary.gauges["database_connections"].read()
