"""One server for each module, on a database that every test finds empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from muster.testing.clock import FakeClock
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import Api
from tests.http.life_stage import BEGIN, Life
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.server_under_test import ServerUnderTest, serving


@pytest.fixture(scope="module")
def module_server(database_url: str) -> Iterator[ServerUnderTest]:
    with serving(database_url) as server:
        yield server


@pytest.fixture
def server(module_server: ServerUnderTest, clean_database: str) -> ServerUnderTest:
    module_server.sandbox.roster.replace([])
    return module_server


@pytest.fixture
def used_api(module_server: ServerUnderTest) -> Api:
    """For tests that do not mind what others of their module have stored."""
    return module_server.api


@pytest.fixture
def api(server: ServerUnderTest) -> Api:
    return server.api


@pytest.fixture(scope="module")
def set_clock() -> FakeClock:
    return FakeClock(BEGIN)


@pytest.fixture(scope="module")
def server_with_set_clock(database_url: str, set_clock: FakeClock) -> Iterator[ServerUnderTest]:
    plugins = [PostgresPlugin, TrainerHttpPlugin, plugin_of(set_clock)]
    with serving(database_url, plugins, MUSTER_PLUGINS__PORTS=CHOICE) as server:
        yield server


@pytest.fixture
def life(server_with_set_clock: ServerUnderTest, clean_database: str, set_clock: FakeClock) -> Life:
    server_with_set_clock.sandbox.roster.replace([])
    return Life(server_with_set_clock, clean_database, set_clock)
