"""The plugin in a composed app: ports, start, health, command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner

from muster.plugin_api import CompositionError, HealthStatus
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.ports.zones import ZONE_LOCATOR
from muster.runtime.bootstrap import Application, bootstrap
from muster_postgres.commands import db_commands
from muster_postgres.plugin import PostgresPlugin
from muster_postgres.revisions import VERSION_TABLE, current_revision, newest_revision
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from muster_postgres.zone_locator import PostgresZoneLocator

pytestmark = pytest.mark.anyio


def app_on(url: str | None, **settings: str) -> Application:
    environ = {f"MUSTER_POSTGRES__{name.upper()}": value for name, value in settings.items()}
    return bootstrap(environ | ({} if url is None else {"DATABASE_URL": url}), [PostgresPlugin])


async def test_an_empty_database_is_migrated_and_served(empty_database: Callable[[], str]) -> None:
    app = app_on(empty_database())
    async with app.running():
        units = app.ports.get(UNIT_OF_WORK)
        assert isinstance(units, PostgresUnitOfWorkFactory)
        async with units() as unit:
            assert await unit.connection.fetchrow("SELECT 1 FROM zones") is None
        (check,) = app.health_checks
        assert (check.name, check.critical) == ("postgres", True)
        assert (await check.check(app.ports)).status is HealthStatus.UP


async def test_apps_that_start_at_once_migrate_once(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    first = app_on(url)
    async with first.running(), app_on(url).running():
        assert await current_revision(url) == newest_revision()


async def test_migrating_can_be_left_to_others(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    async with app_on(url, migrate_on_start="false").running():
        assert await current_revision(url) is None


async def test_a_newer_database_is_told(empty_database: Callable[[], str]) -> None:
    url = empty_database()
    async with app_on(url).running():
        pass
    async with app_on(url, migrate_on_start="false").running():
        await at_revision(url, "9999")
    with pytest.raises(CompositionError, match=f"9999.*up to {newest_revision()}"):
        async with app_on(url).running():
            pytest.fail("another version's tables were opened")
    # Whoever leaves migrating to others also leaves it to them to know what fits.
    async with app_on(url, migrate_on_start="false").running():
        pass


async def at_revision(url: str, revision: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = $1", revision)
    finally:
        await connection.close()


async def test_no_database_is_told_before_anything_opens() -> None:
    app = app_on(None)
    assert isinstance(app.ports.get(ZONE_LOCATOR), PostgresZoneLocator)
    with pytest.raises(CompositionError, match="DATABASE_URL"):
        async with app.running():
            pytest.fail("there was nothing to open")


async def test_what_is_closed_is_not_used(empty_database: Callable[[], str]) -> None:
    app = app_on(empty_database())
    async with app.running():
        pass
    with pytest.raises(RuntimeError, match="not open"):
        await app.health_checks[0].check(app.ports)


def test_the_commands(empty_database: Callable[[], str]) -> None:
    url = empty_database()

    def said(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(db_commands(url), arguments)
        return done.exit_code, done.output.strip()

    assert said("current") == (0, "none")
    assert said("check")[0] == 1
    assert said("upgrade") == (0, f"The database is at revision {newest_revision()}.")
    assert said("check") == (0, "The database is up to date.")
    assert said("upgrade", "9999")[0] == 1
    assert said("downgrade", "--yes", "base") == (0, "The database is empty.")
    assert asyncio.run(current_revision(url)) is None


def test_the_commands_without_a_database() -> None:
    done: Any = CliRunner().invoke(db_commands(None), ["current"])
    assert done.exit_code == 1
    assert "DATABASE_URL" in done.output
