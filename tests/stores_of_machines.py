"""The stores that state machines compare, and how one loop keeps them open for all examples."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from msgspec import Struct

from muster.testing.machines.concurrent import Pair
from muster.testing.suites.store_under_test import StoreUnderTest
from muster_memory.store import MemoryStore
from muster_memory.table import Table
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from muster_postgres.database import Database
from muster_postgres.settings import PostgresSettings
from tests.conformance.test_memory import memory_under_test
from tests.conformance.test_postgres import postgres_under_test

__all__ = ["Ground", "open_ground", "play"]

_TABLES = (
    "franchises, zones, bookings, booking_sessions, schedule_slots, assignment_receipts,"
    " outbox_events, trainer_blocks, certificates, audit_entries, audit_unsealed, audit_seals"
)

Stores = Callable[[], Awaitable[Sequence[tuple[str, StoreUnderTest]]]]


class Ground(Struct, frozen=True):
    """Where machines play: one loop, one pool.

    Attributes:
        runner: The loop.
        stores: Opens a memory store and the database, both empty.
        pair: Opens both for commands at the same time.
    """

    runner: asyncio.Runner
    stores: Stores
    pair: Callable[[], Awaitable[Pair]]


@contextmanager
def open_ground(url: str) -> Iterator[Ground]:
    """Open a database for all examples of a module.

    Args:
        url: Of a migrated database that nobody else uses.
    """
    # What waits for ever waits for a lock, which has a limit of its own.
    patient = PostgresSettings(url=url, migrate_on_start=False, statement_timeout_seconds=0)
    database = Database(patient)
    postgres = postgres_under_test(database)

    async def stores() -> Sequence[tuple[str, StoreUnderTest]]:
        await database.fetch(f"TRUNCATE {_TABLES} CASCADE")
        return [("memory", memory_under_test()), ("PostgreSQL", postgres)]

    async def pair() -> Pair:
        (_, memory), (_, tested) = await stores()
        return Pair(tested, memory, _copied)

    with asyncio.Runner() as runner:
        opened: Any = database.opened()
        runner.run(opened.__aenter__())
        # Audit entries refuse every way of losing one; this database is nobody's memory.
        for table in ("audit_entries", "audit_seals"):
            runner.run(_execute(database, f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        try:
            yield Ground(runner, stores, pair)
        finally:
            runner.run(opened.__aexit__(None, None, None))


def play(
    machine: type[RuleBasedStateMachine], ground: Ground, seed_: Hashable, bounds: settings
) -> None:
    """Run a machine on a ground.

    Args:
        machine: A life machine, or one that sends commands at once.
        ground: Its loop and its stores.
        seed_: From which its examples follow.
        bounds: How many examples, of how many steps.
    """
    on_this_ground = type(
        machine.__name__,
        (machine,),
        {"runner": ground.runner, "stores": staticmethod(ground.stores)}
        | {"opened": staticmethod(ground.pair)},
    )
    seed(seed_)(on_this_ground)
    run_state_machine_as_test(on_this_ground, settings=bounds)


def _copied(memory: StoreUnderTest) -> StoreUnderTest:
    """Copy a memory store; its rows never change, so the copy shares them."""
    units = memory.unit_of_work
    assert isinstance(units, MemoryUnitOfWorkFactory), "only memory can be copied"
    copy = MemoryStore()
    for name, table in vars(units._store).items():
        if isinstance(table, Table):
            getattr(copy, name).write(dict(table.items()))
    return memory_under_test(copy)


async def _execute(database: Database, statement: str) -> None:
    await database.fetch(statement)
