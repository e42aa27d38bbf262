"""One server for each module, on a database that every test finds empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.api import Api
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
