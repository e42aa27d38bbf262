"""Slow statements and their plans, on real PostgreSQLs of more than one version."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar import get
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from muster.domain.geography import Point
from muster.plugin_api import (
    API_VERSION,
    HttpRoutes,
    LifespanStep,
    Manifest,
    PortLookup,
    SettingsLookup,
    hookimpl,
)
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWorkFactory
from muster.runtime.embedded_postgres import running_postgres
from muster_memory.store import MemoryStore
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from muster_postgres.database import Database
from muster_postgres.plugin import PostgresPlugin
from muster_postgres.settings import PostgresSettings
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from muster_postgres.zone_locator import AROUND, PostgresZoneLocator
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.plugin import TelemetryPlugin
from muster_telemetry.slow_statements import SlowStatementListener, SlowStatements
from muster_telemetry.statement_plans import plan_of
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.server_under_test import serving

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20
FIFTEEN = Path("/usr/lib/postgresql/15/bin")
"""The oldest version that Muster runs on, where Debian keeps it."""

INSERT = "INSERT INTO deployment_keys (name, key) VALUES ($1, $2)"
SLEEP = "SELECT pg_sleep($1)"
A_PLACE = Point(48.2, 16.4)

Lines = list[MutableMapping[str, Any]]


@pytest.fixture(scope="module", params=["the run's", "15"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param != "15":
        yield request.getfixturevalue("database_url")
        return
    if not FIFTEEN.is_dir():
        pytest.skip("no PostgreSQL 15 here")
    home = request.getfixturevalue("server_home")
    with running_postgres(home, binaries=FIFTEEN, durable=False) as address:
        yield address


@asynccontextmanager
async def opened(url: str, slow: SlowStatements, slow_ms: float = 1e-6) -> AsyncIterator[Database]:
    database = Database(PostgresSettings(url=url, pool_min_size=0, pool_max_size=2))
    listener = SlowStatementListener(slow_ms, slow.take)
    async with database.opened(ListeningObserver([listener])):
        yield database


async def until(lines: Lines, wanted: Callable[[MutableMapping[str, Any]], bool]) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            for line in lines:
                if line["event"] == "slow_statement" and wanted(line):
                    return line
            await asyncio.sleep(0.01)


async def plan(url: str, text: str) -> str | None:
    async with opened(url, SlowStatements()) as database:
        return await plan_of(text, PostgresUnitOfWorkFactory(database))


async def test_a_lookup_is_planned_for_any_place(url: str) -> None:
    told = await plan(url, AROUND)
    assert told is not None
    assert "cost=" in told
    assert "$1" in told
    assert "zones" in told


async def test_nothing_is_executed_and_nothing_left_behind(url: str) -> None:
    async with opened(url, SlowStatements()) as database:
        units = PostgresUnitOfWorkFactory(database)
        before = await database.fetchrow("SELECT count(*) FROM deployment_keys")
        for text in (INSERT, f"{INSERT};", SLEEP, "DELETE FROM deployment_keys"):
            began = time.monotonic()
            told = await plan_of(text, units)
            assert told is not None
            assert "cost=" in told
            assert time.monotonic() - began < PATIENCE_SECONDS
        assert await database.fetchrow("SELECT count(*) FROM deployment_keys") == before
        left = await database.fetch("SELECT name FROM pg_prepared_statements WHERE from_sql")
        assert list(left) == []
        mode = await database.fetchrow("SHOW plan_cache_mode")
        assert mode is not None
        assert mode[0] == "auto"


@pytest.mark.parametrize(
    "text",
    [
        "COMMIT",
        "CREATE TABLE planted ()",
        "SELECT 1; CREATE TABLE planted ()",
        "SELECT ';'",
        "",
    ],
)
async def test_what_cannot_be_planned_alone_is_not_sent(url: str, text: str) -> None:
    assert await plan(url, text) is None


async def test_a_failure_to_plan_spoils_nothing(url: str) -> None:
    async with opened(url, SlowStatements()) as database:
        units = PostgresUnitOfWorkFactory(database)
        for _ in range(2):
            with pytest.raises(Exception, match="42P01"):
                await plan_of("SELECT * FROM no_such_table", units)
            assert await plan_of(SLEEP, units) is not None


async def test_memory_has_no_plans() -> None:
    assert await plan_of("SELECT 1", MemoryUnitOfWorkFactory(MemoryStore())) is None


async def test_a_slow_lookup_is_told_with_its_plan_and_the_plan_is_not_watched(url: str) -> None:
    slow = SlowStatements()
    async with opened(url, slow) as database:
        with capture_logs() as lines:
            async with slow.told(PostgresUnitOfWorkFactory(database)):
                with bound_contextvars(correlation_id="c-1", trace_id="t-1", account="asha"):
                    await PostgresZoneLocator(database).around(A_PLACE)
                line = await until(lines, lambda one: one["text"].startswith("WITH covering"))
                await PostgresZoneLocator(database).around(A_PLACE)
                await database.fetchrow("SELECT 42")
                await until(lines, lambda one: one["text"] == "SELECT 42")
    assert (line["statement"], line["correlation_id"], line["trace_id"]) == (
        "SELECT zones",
        "c-1",
        "t-1",
    )
    assert "account" not in line
    assert line["milliseconds"] > 0
    assert "cost=" in line["plan"]
    # The second lookup was counted; and no statement of the planning is here.
    told = [one["text"] for one in lines if one["event"] == "slow_statement"]
    assert [text[:13] for text in told] == ["WITH covering", "SELECT 42"]


async def test_a_quick_statement_is_not_told(url: str) -> None:
    slow = SlowStatements()
    async with opened(url, slow, slow_ms=50) as database:
        with capture_logs() as lines:
            async with slow.told(PostgresUnitOfWorkFactory(database)):
                await database.fetchrow("SELECT 42")
                await database.fetchrow(SLEEP, 0.06)
                line = await until(lines, lambda one: True)
    assert (line["text"], line["untold"]) == (SLEEP, 0)
    assert line["milliseconds"] >= 50
    assert "Result" in line["plan"]


class SleepyPlugin:
    """Has a slow statement in a route."""

    MANIFEST = Manifest(name="sleepy", api_version=API_VERSION)

    def __init__(self) -> None:
        self._units: UnitOfWorkFactory | None = None

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        return [LifespanStep("units", self._opened)]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        @get("/sleep", operation_id="sleep")
        async def sleep() -> None:
            assert self._units is not None
            async with self._units() as unit:
                await unit.connection.fetch(SLEEP, 0.06)

        return [HttpRoutes([sleep])]

    @asynccontextmanager
    async def _opened(self, ports: PortLookup) -> AsyncIterator[None]:
        self._units = ports.get(UNIT_OF_WORK)
        yield


async def test_a_server_tells_whose_request_it_was(database_url: str) -> None:
    plugins = [PostgresPlugin, TrainerHttpPlugin, TelemetryPlugin, SleepyPlugin]
    settings = {
        "MUSTER_TELEMETRY__SLOW_STATEMENT_MS": "50",
        "MUSTER_TELEMETRY__TRACES": "console",
    }
    headers = [
        ("X-Correlation-ID", "sleepy-1"),
        ("traceparent", f"00-{'ab' * 16}-{'cd' * 8}-00"),
    ]
    with serving(database_url, plugins, **settings) as server, capture_logs() as lines:
        answer = server.api.send("GET", "/plugins/sleepy/sleep", headers=headers)
        assert answer.status == 200
        line = await until(lines, lambda one: one["text"] == SLEEP)
    assert (line["correlation_id"], line["trace_id"]) == ("sleepy-1", "ab" * 16)
    assert line["statement"] == "SELECT"
    assert "Result" in line["plan"]
