"""Limits over two server processes with one Redis, at full load, and when Redis goes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.processes import call, eventually, running
from tests.redis_servers import RedisServer, redis_server

REQUESTS = 1_000
LIMIT = 100


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def servers(
    home: Path, redis: RedisServer, empty_database: Callable[[], str]
) -> Iterator[list[str]]:
    """Two servers, each a process of its own; a request may take its time on a busy machine."""
    settings = {
        "DATABASE_URL": empty_database(),
        "REDIS_URL": redis.url,
        "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,edge",
        "MUSTER_EDGE__LIMITS": f"read={LIMIT}/3600",
        "MUSTER_EDGE__REDIS_SECONDS": "5",
        "MUSTER_HTTP__DRAIN_SECONDS": "0",
    }
    with ExitStack() as stack:
        begun = [
            stack.enter_context(
                running(home, "serve", settings=settings, errors=home / f"errors-{number}")
            )
            for number in range(2)
        ]
        yield [server.address() for server in begun]


async def asked_at_once(
    addresses: Sequence[str],
    token: str,
    after: int = REQUESTS,
    then: Callable[[], None] = lambda: None,
) -> Counter[int]:
    """Send all requests at once; do something after so many of the answers."""
    answered = 0

    async def ask(client: aiohttp.ClientSession, number: int) -> int:
        nonlocal answered
        url = f"{addresses[number % len(addresses)]}/v1/zones"
        async with client.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
            await answer.read()
        answered += 1
        if answered == after:
            then()
        return answer.status

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        return Counter(await asyncio.gather(*(ask(client, number) for number in range(REQUESTS))))


def test_exactly_as_many_pass_as_may_and_redis_that_goes_is_no_fault(
    home: Path, servers: list[str], redis: RedisServer
) -> None:
    exactly = {200: LIMIT, 429: REQUESTS - LIMIT}
    assert asyncio.run(asked_at_once(servers, "before")) == exactly

    found = asyncio.run(asked_at_once(servers, "midway", REQUESTS // 3, redis.kill))
    assert found.keys() == {200, 429}
    # What Redis let pass, and what each process then let pass by its own count.
    assert LIMIT <= found[200] <= (1 + len(servers)) * LIMIT

    for address in servers:
        # On a busy machine one may have asked Redis for all of its requests before it went.
        call(f"{address}/v1/zones")
    redis.start()
    logs = [home / f"errors-{number}" for number in range(len(servers))]

    def all_share_again() -> bool:
        for address in servers:
            call(f"{address}/v1/zones")
        return all("limits_shared_again" in log.read_text() for log in logs)

    assert eventually(all_share_again)
    assert asyncio.run(asked_at_once(servers, "after")) == exactly
    for log in logs:
        told = log.read_text()
        assert (told.count("limits_not_shared"), "Traceback" in told) == (1, False)
