"""What goes wrong is told in the core's words, and nothing broken is used again."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from muster.ports.franchises import FranchiseNameTaken
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict, UnitOfWork
from muster.testing.examples import a_booking, a_franchise, a_purchase, a_zone, new_id
from muster_postgres.database import Database
from muster_postgres.errors import StatementRefused
from muster_postgres.settings import PostgresSettings
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory

pytestmark = pytest.mark.anyio

SQL_WORDS = ("select", "insert", "update", "constraint", "relation", "pg_", "$1")


@asynccontextmanager
async def small(url: str, **settings: float) -> AsyncIterator[Database]:
    """A database with one connection and little patience."""
    one = {"pool_min_size": 0, "pool_max_size": 1, "acquire_timeout_seconds": 0.3}
    opened = Database(PostgresSettings(url=url, **(one | settings)))  # type: ignore[arg-type]
    async with opened.opened():
        yield opened


def plain(error: BaseException) -> bool:
    return not any(word in str(error).lower() for word in SQL_WORDS)


async def test_a_full_pool_refuses_within_its_time(clean_database: str) -> None:
    async with small(clean_database) as database:
        units = PostgresUnitOfWorkFactory(database)
        async with units():
            began = time.monotonic()
            with pytest.raises(DatabaseUnavailable) as refused:
                async with units():
                    pytest.fail("there was no connection to give")
            assert 0.25 < time.monotonic() - began < 1.5
            assert plain(refused.value)
        async with units() as unit:
            assert await unit.connection.fetchrow("SELECT 1")


async def test_a_statement_that_takes_too_long_is_unavailable(clean_database: str) -> None:
    async with small(clean_database, statement_timeout_seconds=0.1) as database:
        with pytest.raises(DatabaseUnavailable) as refused:
            await database.fetch("SELECT pg_sleep(5)")
        assert plain(refused.value)
        assert await database.fetchrow("SELECT 1")


async def test_a_lock_that_takes_too_long_is_unavailable(clean_database: str) -> None:
    zone = a_zone()
    async with small(clean_database, lock_timeout_seconds=0.1, pool_max_size=2) as database:
        units = PostgresUnitOfWorkFactory(database)
        await stored(units, lambda unit: unit.zones.add(zone))
        async with units() as first, units() as second:
            await first.zones.get(zone.id)
            with pytest.raises(DatabaseUnavailable):
                await second.zones.version_in_force(zone.id)


async def test_a_transaction_that_falls_silent_is_ended(clean_database: str) -> None:
    async with small(clean_database, idle_in_transaction_seconds=0.1) as database:
        units = PostgresUnitOfWorkFactory(database)
        async with units() as unit:
            await asyncio.sleep(0.4)
            with pytest.raises(DatabaseUnavailable):
                await unit.connection.fetchrow("SELECT 1")
        async with units() as unit:
            assert await unit.connection.fetchrow("SELECT 1")


async def test_a_connection_that_the_server_ends_is_replaced(
    database: Database, units: PostgresUnitOfWorkFactory, clean_database: str
) -> None:
    operator = await asyncpg.connect(clean_database)
    try:
        async with units() as unit:
            await operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            with pytest.raises(DatabaseUnavailable):
                await unit.commit()
    finally:
        await operator.close()
    async with units() as unit:
        assert await unit.connection.fetchrow("SELECT 1")


async def test_two_that_wait_for_each_other_are_in_conflict(
    units: PostgresUnitOfWorkFactory,
) -> None:
    one, two = a_franchise(), a_franchise()

    async def add_both(unit: UnitOfWork) -> None:
        await unit.franchises.add(one)
        await unit.franchises.add(two)

    await stored(units, add_both)
    async with units() as first, units() as second:
        await first.franchises.get(one.id)
        await second.franchises.get(two.id)
        results = await asyncio.gather(
            first.franchises.get(two.id), second.franchises.get(one.id), return_exceptions=True
        )
    lost = [result for result in results if isinstance(result, BaseException)]
    assert len(lost) == 1
    assert isinstance(lost[0], TransactionConflict)
    assert plain(lost[0])


async def test_a_refusal_names_no_constraint(units: PostgresUnitOfWorkFactory) -> None:
    await stored(units, lambda unit: unit.franchises.add(a_franchise(name="One  Name")))
    with pytest.raises(FranchiseNameTaken) as refused:
        await stored(units, lambda unit: unit.franchises.add(a_franchise(name="ONE NAME")))
    assert plain(refused.value)


async def test_a_bug_stays_a_bug(units: PostgresUnitOfWorkFactory) -> None:
    async with units() as unit:
        with pytest.raises(StatementRefused) as refused:
            await unit.bookings.add(a_booking(a_zone(), purchase=a_purchase()), b"")
    told = refused.value
    assert (told.sqlstate, told.table) == ("23503", "bookings")
    assert told.constraint == "bookings_zone_id_fkey"
    assert str(told) == (
        "ForeignKeyViolationError (SQLSTATE 23503) at the constraint bookings_zone_id_fkey "
        "of the table bookings"
    )


STUDENT = "Asha Devi"


@pytest.mark.parametrize(
    ("query", "args"),
    [
        # The row: "Failing row contains (Asha Devi)".
        ("INSERT INTO pg_temp.pupils VALUES ($1)", (STUDENT,)),
        # The value: "invalid input syntax for type integer: "Asha Devi"".
        ("SELECT $1::text::int", (STUDENT,)),
        # The value, by the driver: "invalid input for query argument $1: 'Asha Devi'".
        ("SELECT $1::int", (STUDENT,)),
        # The words of a trigger or a function.
        ("DO $$ BEGIN RAISE EXCEPTION 'Asha Devi'; END $$", ()),
    ],
    ids=["row", "value", "parameter", "words"],
)
@pytest.mark.parametrize("method", ["execute", "fetch", "fetchrow"])
async def test_what_a_row_holds_is_not_told(
    database: Database, method: str, query: str, args: tuple[str, ...]
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "CREATE TEMPORARY TABLE pupils (name text CONSTRAINT nobody CHECK (name = ''))"
        )
        try:
            with pytest.raises(StatementRefused) as refused:
                await getattr(connection, method)(query, *args)
        finally:
            await connection.execute("DROP TABLE pg_temp.pupils")
    assert all(STUDENT not in told for told in everything_told(refused.value))


async def test_what_is_taken_is_not_told_either(units: PostgresUnitOfWorkFactory) -> None:
    """By a meaning's cause: "Key (folded_name)=(…) already exists"."""
    name = str(new_id())
    await stored(units, lambda unit: unit.franchises.add(a_franchise(name=name)))
    with pytest.raises(FranchiseNameTaken) as refused:
        await stored(units, lambda unit: unit.franchises.add(a_franchise(name=name)))
    told = everything_told(refused.value)
    assert not any(name in text for text in told)
    assert any("franchises_folded_name_key" in text for text in told)


def everything_told(error: BaseException) -> list[str]:
    """Whatever any way to render an error could show, by cause or by context."""
    chain: list[BaseException | None] = [error]
    for one in chain:
        if one is not None:
            chain += [one.__cause__, one.__context__]
    errors = [one for one in chain if one is not None]
    return [
        *("".join(traceback.format_exception(one)) for one in errors),
        *(f"{one!r} {one.args} {vars(one)}" for one in errors),
    ]


async def test_a_swallowed_error_never_commits(units: PostgresUnitOfWorkFactory) -> None:
    franchise = a_franchise()
    async with units() as unit:
        await unit.franchises.add(franchise)
        with pytest.raises(FranchiseNameTaken):
            await unit.franchises.add(a_franchise(name=franchise.name))
        with pytest.raises(RuntimeError, match="nothing of it lasts"):
            await unit.commit()
    async with units() as unit:
        assert await unit.franchises.get(franchise.id) is None


async def test_a_unit_that_ended_is_not_used(units: PostgresUnitOfWorkFactory) -> None:
    franchise = a_franchise()
    async with units() as unit:
        await unit.commit()
        with pytest.raises(RuntimeError, match="ended"):
            await unit.franchises.add(franchise)
    with pytest.raises(RuntimeError, match="ended"):
        await unit.franchises.add(franchise)


async def test_a_cancelled_task_leaves_no_broken_connection(clean_database: str) -> None:
    franchise = a_franchise()
    async with small(clean_database, acquire_timeout_seconds=5) as database:
        units = PostgresUnitOfWorkFactory(database)

        async def work() -> None:
            async with units() as unit:
                await unit.franchises.add(franchise)
                await unit.connection.fetchrow("SELECT pg_sleep(10)")
                await unit.commit()

        for delay in (0.0, 0.005, 0.05):
            task = asyncio.create_task(work())
            await asyncio.sleep(delay)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with asyncio.timeout(3), units() as unit:
                assert await unit.franchises.get(franchise.id) is None
                assert await unit.connection.fetchrow("SELECT 1")


async def test_a_task_that_is_cancelled_twice_gives_its_connection_back(
    clean_database: str,
) -> None:
    async with small(clean_database, acquire_timeout_seconds=5) as database:
        units = PostgresUnitOfWorkFactory(database)

        async def work() -> None:
            async with units() as unit:
                await unit.connection.fetchrow("SELECT pg_sleep(10)")

        task = asyncio.create_task(work())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(3), units() as unit:
            assert await unit.connection.fetchrow("SELECT 1")


async def stored(
    units: PostgresUnitOfWorkFactory, work: Callable[[UnitOfWork], Awaitable[None]]
) -> None:
    async with units() as unit:
        await work(unit)
        await unit.commit()
