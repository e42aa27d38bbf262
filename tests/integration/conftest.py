"""What the integration tests share: asyncio, an open database, its units of work, a home."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

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


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter; pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="muster-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)
