"""SIGTERM to a server at work: nobody's request fails, and it is gone in time."""

from __future__ import annotations

import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.load import Exchange, Load, Order, failed
from tests.e2e.processes import Running, call, running

RATE = 100
DRAIN_SECONDS = 2.0
BEFORE_SECONDS = 1.0
READY_SECONDS = 1.0
EXIT_SECONDS = 30.0

CENTRE = {"latitude": 16.5062, "longitude": 80.648}
ZONE = {"name": "Vijayawada", "centre": CENTRE, "radiusKm": 10, "timeZone": "Asia/Kolkata"}


def booking() -> dict[str, Any]:
    return {
        "courseId": str(uuid4()),
        "classType": "ONE_ON_ONE",
        "totalSessions": 10,
        "deliveryMode": "DAILY",
        "startDate": str(datetime.now(UTC).date() + timedelta(days=3)),
        "preferredTimeSlot": "10:00",
        "studentLocation": CENTRE,
        "students": [{"id": str(uuid4()), "name": "Mira"}],
    }


class Stop:
    """What was seen while a server was stopped under load.

    Attributes:
        signalled: When it got SIGTERM; monotonic seconds, as all here.
        unready: When ``/ready`` first said that the server is going.
        exited: When its process had ended.
    """

    def __init__(self) -> None:
        self.signalled = 0.0
        self.unready = 0.0
        self.exited = 0.0
        self.exchanges: list[Exchange] = []


async def stop_under_load(server: Running, port: int, read: str) -> Stop:
    """Send reads and bookings until connections are refused; SIGTERM on the way."""
    seen = Stop()
    load = Load(port)

    def order(number: int) -> Order:
        return Order("/v1/bookings", booking()) if number % 4 < 2 else Order(read)

    async def end() -> None:
        await asyncio.sleep(BEFORE_SECONDS)
        seen.signalled = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        while not seen.unready:
            said = await Load(port).exchange(Order("/ready"), fresh=True)
            if said.status == 503:
                assert said.body["status"] == "draining"
                seen.unready = time.monotonic()
            await asyncio.sleep(0.02)
        await asyncio.to_thread(server.process.wait, EXIT_SECONDS)
        seen.exited = time.monotonic()

    async with asyncio.TaskGroup() as both:
        both.create_task(end())
        both.create_task(load.at(RATE, order, lambda: any(one.refused for one in load.exchanges)))
    seen.exchanges = load.exchanges
    return seen


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_request_fails_when_a_server_is_stopped_under_load(
    home: Path, clean_database: str, workers: str
) -> None:
    errors = home / "errors"
    settings = {"DATABASE_URL": clean_database, "MUSTER_HTTP__DRAIN_SECONDS": str(DRAIN_SECONDS)}
    arguments = ["serve", "--workers", workers]
    with running(home, *arguments, settings=settings, errors=errors) as server:
        address = server.address()
        zone = call(f"{address}/v1/zones", ZONE).body["id"]
        port = int(address.rpartition(":")[2])
        seen = asyncio.run(stop_under_load(server, port, f"/v1/zones/{zone}"))

    answered = [one for one in seen.exchanges if not one.refused]
    assert failed(answered) == []
    refused = [one.began - seen.signalled for one in seen.exchanges if one.refused]
    assert min(refused) >= DRAIN_SECONDS
    assert len(answered) >= RATE * (BEFORE_SECONDS + DRAIN_SECONDS) * 0.95
    on_kept = [one for one in answered if not one.fresh]
    assert {one.closing for one in on_kept if one.ended < seen.signalled} == {False}
    assert {one.closing for one in on_kept if one.began > seen.unready} == {True}
    assert seen.unready - seen.signalled < READY_SECONDS
    assert seen.exited - seen.signalled < EXIT_SECONDS
    assert server.process.returncode == 0
    assert "Traceback" not in errors.read_text()
