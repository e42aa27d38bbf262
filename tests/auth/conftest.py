"""One server with accounts for each module, on a database that every test finds empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from muster.testing.clock import FakeClock
from tests.auth.service_stage import BEGIN, Company
from tests.auth.stage import CHEAP, ENABLED, PLUGINS, create, logged_in, run
from tests.http.api import Api
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.server_under_test import ServerUnderTest, serving


@pytest.fixture(scope="module")
def module_server(database_url: str) -> Iterator[ServerUnderTest]:
    with serving(database_url, None, **ENABLED, **CHEAP) as server:
        yield server


@pytest.fixture
def api(module_server: ServerUnderTest, database_url: str) -> Api:
    # The keys stay: the server goes by those of the last test for two more seconds.
    run(
        database_url,
        "TRUNCATE auth_accounts, auth_revocations, auth_failures, auth_api_keys, auth_nonces"
        " CASCADE",
    )
    return module_server.api


@pytest.fixture(scope="module")
def module_company(database_url: str) -> Iterator[Company]:
    clock = FakeClock(BEGIN)
    plugins = [*PLUGINS, plugin_of(clock)]
    create(database_url, "admin")
    environ = {**ENABLED, **CHEAP, "MUSTER_PLUGINS__PORTS": CHOICE}
    with serving(database_url, plugins, **environ) as server:
        yield Company(server.api, clock, logged_in(server.api, "admin"))


@pytest.fixture
def company(module_company: Company) -> Company:
    """The same for all tests of a module, at the instant at which each begins."""
    return Company(module_company.api, module_company.clock, module_company.admin)
