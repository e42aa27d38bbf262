"""PostgreSQL restarted under load: only 503 with Retry-After, soon ready again, nothing half."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiohttp
import pytest

from muster_trainer_http.sandbox import Sandbox
from tests.e2e.processes import running
from tests.faults.load import Load
from tests.faults.restartable_postgres import RestartablePostgres, restartable_postgres
from tests.faults.staffed_zone import Json, staffed_zone
from tests.faults.whole_bookings import Stored, half_written, stored_by_reference

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]

_log = logging.getLogger(__name__)

CLIENTS = 16
LOAD_SECONDS = 0.5
READY_SECONDS = 10
"""How long it may take to be ready again, as the issue says."""


async def test_restarted_under_load(home: Path, chance: random.Random) -> None:
    with restartable_postgres(home / "postgres") as postgres:
        async with served(home, postgres) as (session, sandbox):
            zone = await staffed_zone(session, sandbox, chance, trainers=8)
            load = Load(session, zone, chance)
            async with loading(load):
                for mode in ("immediate", "fast"):
                    await restarted(postgres, mode, session, load)
            await assert_nothing_lost(load, postgres.url)
            assert await half_written(postgres.url) == []
    log = (home / "errors").read_text()
    assert "Traceback" not in log
    assert '"level": "error"' not in log


@asynccontextmanager
async def served(
    home: Path, postgres: RestartablePostgres
) -> AsyncIterator[tuple[aiohttp.ClientSession, Sandbox]]:
    sandbox = Sandbox()
    async with sandbox as trainer_service:
        settings = {"DATABASE_URL": postgres.url, "TRAINER_SERVICE_URL": trainer_service}
        with running(home, "serve", settings=settings, errors=home / "errors") as server:
            address = await asyncio.to_thread(server.address)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(address, connector=connector) as session:
                yield session, sandbox


@asynccontextmanager
async def loading(load: Load) -> AsyncIterator[None]:
    """Keep all clients at work; a connection that is dropped ends the test."""
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as clients:
        for _ in range(CLIENTS):
            clients.create_task(load.client(ended))
        yield
        ended.set()


async def restarted(
    postgres: RestartablePostgres,
    mode: Literal["immediate", "fast"],
    session: aiohttp.ClientSession,
    load: Load,
) -> None:
    await asyncio.sleep(LOAD_SECONDS)
    before = load.statuses.copy()
    await asyncio.to_thread(postgres.stop, mode)
    assert await readiness(session) == (503, "unavailable")
    await asyncio.sleep(LOAD_SECONDS / 2)
    began = time.monotonic()
    await asyncio.to_thread(postgres.start)
    while (await readiness(session))[0] != 200:
        assert time.monotonic() - began < READY_SECONDS
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - began
    assert load.oddities == []
    assert load.statuses[503] > before[503], "nobody saw that it was away"
    placed = len(load.placed)
    await asyncio.sleep(LOAD_SECONDS)
    assert len(load.placed) > placed, "nobody could book again"
    _log.info("%s: ready after %.2f s, %s since", mode, seconds, load.statuses - before)


async def readiness(session: aiohttp.ClientSession) -> tuple[int, str]:
    async with session.get("/ready") as answer:
        return answer.status, (await answer.json())["status"]


async def assert_nothing_lost(load: Load, url: str) -> None:
    """What was answered is stored; what was not is there or not, and can be asked again."""
    stored = await stored_by_reference(url)
    for reference, booking_id in load.placed.items():
        assert stored[reference].id == booking_id
        if booking_id in load.cancelled:
            assert stored[reference].status == "CANCELLED"
    assert stored.keys() <= load.placed.keys() | load.unsure.keys()
    _log.info(
        "%d of %d unsure were stored", len(stored.keys() & load.unsure.keys()), len(load.unsure)
    )
    at_once = asyncio.Semaphore(CLIENTS)
    async with asyncio.TaskGroup() as repeats:
        for reference, order in load.unsure.items():
            repeats.create_task(repeated(load, order, stored.get(reference), at_once))
    assert load.oddities == []


async def repeated(
    load: Load, order: Json, stored: Stored | None, at_once: asyncio.Semaphore
) -> None:
    async with at_once:
        answer = await load.send("POST", "/v1/bookings", order, 200 if stored else 201)
    assert answer.status != 503
    assert stored is None or answer.json["id"] == stored.id
