"""One server with accounts for each module, on a database that every test finds empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.testing.clock import FakeClock
from tests.auth.mailbox import Mailbox
from tests.auth.service_stage import BEGIN, Company
from tests.auth.stage import CHEAP, ENABLED, PLUGINS, create, logged_in, run
from tests.http.api import Api
from tests.http.moved_clock import CHOICE, plugin_of
from tests.http.server_under_test import ServerUnderTest, serving


@pytest.fixture(scope="module")
def mail_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail")


@pytest.fixture(scope="module")
def module_server(database_url: str, mail_directory: Path) -> Iterator[ServerUnderTest]:
    mail = {"MUSTER_MAIL__DIRECTORY": str(mail_directory)}
    with serving(database_url, None, **{**ENABLED, **CHEAP, **mail}) as server:
        yield server


@pytest.fixture
def mailbox(mail_directory: Path, database_url: str) -> Iterator[Mailbox]:
    """What the module's server mails in this test, and nothing of it later."""
    found = Mailbox(mail_directory, database_url)
    yield found
    found.settle()


@pytest.fixture
def api(module_server: ServerUnderTest, database_url: str) -> Api:
    # The keys stay: the server goes by those of the last test for two more seconds.
    run(
        database_url,
        "TRUNCATE auth_accounts, auth_revocations, auth_failures, auth_api_keys, auth_nonces,"
        " auth_password_resets, jobs CASCADE",
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
