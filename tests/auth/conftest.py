"""One server with accounts for each module, on a database that every test finds empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.auth.stage import CHEAP, ENABLED, run
from tests.http.api import Api
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
        "TRUNCATE auth_accounts, auth_sessions, auth_refresh_tokens, auth_revocations,"
        " auth_failures",
    )
    return module_server.api
