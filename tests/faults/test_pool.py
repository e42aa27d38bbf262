"""A pool that is full, statements that hang, clients that go away: nothing waits for ever."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from muster_trainer_http.sandbox import Sandbox
from tests.e2e.processes import running
from tests.faults.going_away import go_away
from tests.faults.load import Load
from tests.faults.staffed_zone import StaffedZone, staffed_zone
from tests.faults.whole_bookings import half_written

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]

POOL_SIZE = 4
ACQUIRE_SECONDS = 2
LOCK_SECONDS = 3
MARGIN_SECONDS = 5
"""For a machine that has much else to do."""

AT_ONCE = 24
ABORTED = 1_000
ABORTING_AT_ONCE = 50


class SmallPool:
    """A server with few connections, and an operator's look at them."""

    def __init__(
        self,
        port: int,
        load: Load,
        zone: StaffedZone,
        operator: asyncpg.Connection[asyncpg.Record],
        log: Path,
    ) -> None:
        self.port = port
        self.load = load
        self.zone = zone
        self.operator = operator
        self._log = log

    async def place(self, normal: int) -> float:
        """Place a booking; return how many seconds it took to be answered by this status."""
        began = time.monotonic()
        answer = await self.load.send("POST", "/v1/bookings", self.zone.order(), normal)
        assert answer.status == normal
        return time.monotonic() - began

    async def connections(self, condition: str = "true") -> int:
        count: int = await self.operator.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            f" AND pid <> pg_backend_pid() AND {condition}"
        )
        return count

    async def a_moment(self) -> None:
        await self.operator.execute("SELECT pg_sleep(0.02)")

    async def assert_clean(self) -> None:
        """No connection is at work or in a transaction, none is lost, nothing went wrong."""
        async with asyncio.timeout(MARGIN_SECONDS):
            while await self.connections("state <> 'idle'"):
                await self.a_moment()
        assert await self.connections() <= POOL_SIZE
        await asyncio.gather(*(self.place(201) for _ in range(2 * POOL_SIZE)))
        assert self.load.oddities == []
        log = self._log.read_text()
        assert "Traceback" not in log
        assert '"level": "error"' not in log


@pytest.fixture
async def small_pool(
    home: Path, clean_database: str, chance: random.Random
) -> AsyncIterator[SmallPool]:
    sandbox = Sandbox()
    async with sandbox as trainer_service:
        settings = {
            "DATABASE_URL": clean_database,
            "TRAINER_SERVICE_URL": trainer_service,
            "MUSTER_POSTGRES__POOL_MAX_SIZE": str(POOL_SIZE),
            "MUSTER_POSTGRES__ACQUIRE_TIMEOUT_SECONDS": str(ACQUIRE_SECONDS),
            "MUSTER_POSTGRES__LOCK_TIMEOUT_SECONDS": str(LOCK_SECONDS),
        }
        log = home / "errors"
        with running(home, "serve", settings=settings, errors=log) as server:
            address = await asyncio.to_thread(server.address)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(address, connector=connector) as session:
                zone = await staffed_zone(session, sandbox, chance, trainers=8)
                async with connected(clean_database) as operator:
                    load = Load(session, zone, chance)
                    port = int(address.rpartition(":")[2])
                    yield SmallPool(port, load, zone, operator, log)
    assert await half_written(clean_database) == []


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_full_pool_and_a_lock_that_is_held_refuse_in_bounded_time(
    small_pool: SmallPool, clean_database: str
) -> None:
    async with connected(clean_database) as other, other.transaction():
        await other.execute("SELECT FROM zones FOR UPDATE")
        orders = [asyncio.create_task(small_pool.place(503)) for _ in range(AT_ONCE)]
        async with asyncio.timeout(MARGIN_SECONDS):
            while await small_pool.connections("wait_event_type = 'Lock'") < POOL_SIZE:
                await small_pool.a_moment()
        assert (await small_pool.load.send("GET", "/health", None, 200)).json["status"] == "ok"
        assert not any(order.done() for order in orders), "it did not answer meanwhile"
        seconds = await asyncio.gather(*orders)
        assert sorted(seconds)[-POOL_SIZE] >= LOCK_SECONDS
        assert max(seconds) < ACQUIRE_SECONDS + LOCK_SECONDS + MARGIN_SECONDS
    await small_pool.assert_clean()


async def test_clients_that_go_away_leave_no_connection_behind(
    small_pool: SmallPool, chance: random.Random
) -> None:
    turns = asyncio.Semaphore(ABORTING_AT_ONCE)

    async def leave() -> None:
        async with turns:
            await go_away(small_pool.port, small_pool.zone.order(), chance)

    async with asyncio.TaskGroup() as clients:
        for _ in range(ABORTED):
            clients.create_task(leave())
    await small_pool.assert_clean()
