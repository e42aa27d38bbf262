"""Two server processes on one database: what one did, the other knows."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.auth.stage import (
    CHEAP,
    ENABLED,
    Client,
    create,
    eventually_refused,
    logged_in,
    refused,
    run,
)
from tests.e2e.processes import Running, running
from tests.http.api import Api

WRONG = "a wrong password is long"


class Servers:
    """Two processes, and how to reach them."""

    def __init__(self, processes: list[Running]) -> None:
        self.processes = processes
        self.apis = [Api(urlsplit(process.address()).port or 0) for process in processes]


@pytest.fixture
def servers(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, clean_database: str
) -> Iterator[Servers]:
    settings = {
        **ENABLED,
        **CHEAP,
        "DATABASE_URL": database_url,
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        "MUSTER_HTTP__DRAIN_SECONDS": "0",
    }
    home: Path = tmp_path_factory.mktemp("servers")
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                running(home, "serve", settings=settings, errors=home / f"{number}.log")
            )
            for number in range(2)
        ]
        yield Servers(started)


def test_one_token_two_hundred_refreshes(servers: Servers, database_url: str) -> None:
    create(database_url, "meera")
    first = logged_in(servers.apis[0], "meera").refresh_token

    def refreshed(number: int) -> tuple[int, str]:
        racer = Client(servers.apis[number % 2])
        return racer.refresh(first).status, racer.refresh_token

    with ThreadPoolExecutor(40) as threads:
        answers = set(threads.map(refreshed, range(200)))
    ((status, successor),) = answers
    assert (status, bool(successor)) == (200, True)
    (row,) = run(database_url, "SELECT generation FROM auth_sessions")
    assert row["generation"] == 2
    assert len(run(database_url, "SELECT FROM auth_refresh_tokens")) == 2
    assert Client(servers.apis[1]).refresh(successor).status == 200


def test_what_dies_here_is_dead_there_within_a_second(servers: Servers, database_url: str) -> None:
    create(database_url, "meera")
    client = logged_in(servers.apis[0], "meera")
    there = Client(servers.apis[1])
    there.access = client.access
    assert there.me().status == 200
    assert client.post("logout").status == 204
    assert eventually_refused(there)


def test_reuse_is_known_after_a_kill(servers: Servers, database_url: str) -> None:
    create(database_url, "meera")
    client = logged_in(servers.apis[0], "meera")
    first = client.refresh_token
    assert client.refresh().status == 200
    there = Client(servers.apis[1])
    there.access = client.access
    assert there.me().status == 200
    servers.processes[0].end(signal.SIGKILL)
    run(database_url, "UPDATE auth_refresh_tokens SET used_at = used_at - interval '11 s'")
    assert refused(there.refresh(first))
    assert refused(there.me())
    assert refused(there.refresh(client.refresh_token))


def test_guesses_are_counted_together(servers: Servers, database_url: str) -> None:
    create(database_url, "meera")
    with ThreadPoolExecutor(40) as threads:
        answers = list(
            threads.map(lambda n: Client(servers.apis[n % 2]).log_in("meera", WRONG), range(200))
        )
    assert all(refused(answer) for answer in answers)
    assert len(run(database_url, "SELECT FROM auth_failures WHERE settled")) == 10
    assert refused(Client(servers.apis[0]).log_in("meera"))
