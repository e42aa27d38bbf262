"""What the integration tests share: asyncio, an open database, its units of work."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from muster_postgres.database import Database
from muster_postgres.settings import PostgresSettings
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(clean_database: str) -> AsyncIterator[Database]:
    opened = Database(PostgresSettings(url=clean_database, pool_min_size=0))
    async with opened.opened():
        yield opened


@pytest.fixture
def units(database: Database) -> PostgresUnitOfWorkFactory:
    return PostgresUnitOfWorkFactory(database)
