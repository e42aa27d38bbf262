"""Databases for tests: one server for a whole run, one fresh database for each module.

The server is the one that ``--pg`` names, else an embedded one that all workers of xdist
share and that is removed in the end. A database is copied from a template, which the
migrations make once.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from muster.runtime.embedded_postgres import running_postgres
from muster_postgres import migrations
from muster_postgres.revisions import VERSION_TABLE

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

T = TypeVar("T")

_HOME = pytest.StashKey[Path]()
_TURN = 0x6D75737465720002
_TURN_OF_SEALING = 0x6D75737465720004
_APPEND_ONLY = ("audit_entries", "audit_seals")


def pytest_configure(config: pytest.Config) -> None:
    handed: dict[str, str] = getattr(config, "workerinput", {})
    if "postgres_home" in handed:
        config.stash[_HOME] = Path(handed["postgres_home"])
    else:
        config.stash[_HOME] = Path(tempfile.mkdtemp(prefix="muster-test-"))
        # PostgreSQL does not run as root: its own user must be able to pass here.
        config.stash[_HOME].chmod(0o711)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell a worker of xdist where the server of this run lives."""
    node.workerinput["postgres_home"] = str(node.config.stash[_HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[_HOME], ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a database on a server where databases can be made."""
    given: str | None = pytestconfig.getoption("--pg")
    if given is not None:
        yield given
        return
    many = {"max_connections": "400"}
    with running_postgres(pytestconfig.stash[_HOME], durable=False, settings=many) as url:
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> str:
    """The name of a database at the newest revision, made once for all workers."""
    name = f"muster_template_{_fingerprint()}"

    async def make(connection: asyncpg.Connection[asyncpg.Record]) -> None:
        await connection.execute("SELECT pg_advisory_lock($1)", _TURN)
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            return
        await connection.execute(f"DROP DATABASE IF EXISTS {name}_unfinished")
        await connection.execute(f"CREATE DATABASE {name}_unfinished TEMPLATE template0")
        await migrations.upgrade_async(_on(postgres_server, f"{name}_unfinished"))
        await connection.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")

    _with(postgres_server, make)
    return name


@pytest.fixture(scope="module")
def empty_database(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes databases without any table, and returns their URLs."""
    made: list[str] = []

    def make() -> str:
        made.append(_create(postgres_server, "template0"))
        return _on(postgres_server, made[-1])

    yield make
    for name in made:
        _drop(postgres_server, name)


@pytest.fixture(scope="module")
def database_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    name = _create(postgres_server, template_database)
    yield _on(postgres_server, name)
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def shared_database_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """A migrated database for tests that do not mind what others have stored."""
    name = _create(postgres_server, template_database)
    yield _on(postgres_server, name)
    _drop(postgres_server, name)


@pytest.fixture
def clean_database(database_url: str) -> str:
    """The module's database, empty."""
    _with(database_url, _empty)
    return database_url


async def _empty(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    tables = await connection.fetchval(
        "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename <> $1",
        VERSION_TABLE,
    )
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '10s'")
        # Servers of tests seal in between; who has the turn of sealing locks no table of it.
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _TURN_OF_SEALING)
        # They refuse this as they refuse every other way of losing a row.
        for table in _APPEND_ONLY:
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await connection.execute(f"TRUNCATE {tables}")
        for table in _APPEND_ONLY:
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _create(server: str, template: str) -> str:
    name = f"muster_test_{uuid4().hex}"
    _with(
        server, lambda connection: connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    )
    return name


def _drop(server: str, name: str) -> None:
    _with(server, lambda connection: connection.execute(f"DROP DATABASE {name} WITH (FORCE)"))


def _with(url: str, work: Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[T]]) -> T:
    async def connected() -> T:
        connection = await asyncpg.connect(url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    # In a thread of its own, so that it may be called while a loop is running.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, connected()).result()


def _on(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _fingerprint() -> str:
    versions = files("muster_migrations").joinpath("versions")
    history = sorted(
        (entry.name, entry.read_bytes())
        for entry in versions.iterdir()
        if entry.name.endswith(".py")
    )
    return sha256(repr(history).encode()).hexdigest()[:16]
