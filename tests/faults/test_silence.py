"""A database that neither answers nor breaks its connections."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from muster.ports.unit_of_work import DatabaseUnavailable
from muster_postgres import database as module
from muster_postgres.database import Database
from muster_postgres.settings import PostgresSettings
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from tests.faults.stalling_wire import StallingWire

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 0.5
"""Once for the server to give a statement up, once more for the client; and again for every
further thing that is asked of a server that is silent."""


class Silenced:
    """A database behind a wire that can stall."""

    def __init__(self, wire: StallingWire, database: Database) -> None:
        self.wire = wire
        self.database = database


@pytest.fixture
async def silenced(clean_database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Silenced]:
    monkeypatch.setattr(module, "_GRACE_SECONDS", PATIENCE_SECONDS)
    wire = StallingWire(clean_database)
    async with wire.laid() as url:
        settings = PostgresSettings(
            url=url,
            pool_max_size=1,
            statement_timeout_seconds=PATIENCE_SECONDS,
        )
        database = Database(settings)
        async with database.opened():
            yield Silenced(wire, database)


async def test_a_query_is_given_up_and_its_connection_with_it(silenced: Silenced) -> None:
    async with silenced.database.connection() as connection:
        silenced.wire.stall()
        with pytest.raises(DatabaseUnavailable):
            await connection.fetch("SELECT 1")
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE_SECONDS
    silenced.wire.flow()
    assert await silenced.database.fetchrow("SELECT 1")


async def test_a_unit_is_given_up_without_asking_for_a_rollback(silenced: Silenced) -> None:
    units = PostgresUnitOfWorkFactory(silenced.database)
    async with units() as unit:
        silenced.wire.stall()
        with pytest.raises(DatabaseUnavailable):
            await unit.connection.fetchrow("SELECT 1")
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE_SECONDS
    silenced.wire.flow()
    async with units() as unit:
        assert await unit.connection.fetchrow("SELECT 1")
