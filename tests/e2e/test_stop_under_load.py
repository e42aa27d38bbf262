"""SIGTERM to a server at work: nobody's request fails, and it is gone in time."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import asyncpg
import pytest

from tests.e2e.load import Exchange, Load, Order, failed
from tests.e2e.orders import a_booking, a_zone
from tests.e2e.processes import Running, call, eventually, running

# Loads of other tests would be counted among its own.
pytestmark = pytest.mark.xdist_group("concurrency")

RATE = 100
DRAIN_SECONDS = 2.0
BEFORE_SECONDS = 1.0
READY_SECONDS = 1.0
EXIT_SECONDS = 30.0


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
        return Order("/v1/bookings", a_booking()) if number % 4 < 2 else Order(read)

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


def faults(errors: Path) -> list[str]:
    """What a server wrote that is no line of its log, or an error in it.

    A warning is none: on a machine with too much to do, the trainer snapshots warn of timeouts.
    """
    return [
        line
        for line in errors.read_text().splitlines()
        if not line.startswith("{") or json.loads(line)["level"] in {"error", "critical"}
    ]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_request_fails_when_a_server_is_stopped_under_load(
    home: Path, clean_database: str, workers: str
) -> None:
    errors = home / "errors"
    settings = {"DATABASE_URL": clean_database, "MUSTER_HTTP__DRAIN_SECONDS": str(DRAIN_SECONDS)}
    arguments = ["serve", "--workers", workers]
    with running(home, *arguments, settings=settings, errors=errors) as server:
        address = server.address()
        zone = call(f"{address}/v1/zones", a_zone()).body["id"]
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
    assert faults(errors) == []


HANGS = """
    CREATE OR REPLACE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        -- Seen by its own transaction alone, which has written all else by now.
        IF EXISTS (SELECT FROM bookings WHERE booking_reference = 'hangs') THEN
            PERFORM pg_sleep(60);
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER hang BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION hang()
"""
IS_HANGING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
COUNTS = """
    SELECT (SELECT count(*) FROM bookings) AS bookings,
        (SELECT count(*) FROM booking_sessions) AS sessions,
        (SELECT count(*) FROM schedule_slots) AS slots,
        (SELECT count(*) FROM assignment_receipts) AS receipts
"""
WAITS_SECONDS = 1.5
GRACE_SECONDS = 3.0


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def numbers(url: str, sql: str) -> list[int]:
    connection = await asyncpg.connect(url)
    try:
        return [int(number) for number in (await connection.fetch(sql))[0]]
    finally:
        await connection.close()


def delay_the_next_answer(trainers: str) -> None:
    faults = json.dumps({"latencySeconds": WAITS_SECONDS, "times": 1}).encode()
    urlopen(Request(f"{trainers}/sandbox/faults", faults, method="PUT")).close()


def test_a_slow_request_is_answered_and_one_that_hangs_is_ended_and_undone(
    home: Path, clean_database: str
) -> None:
    asyncio.run(execute(clean_database, HANGS))
    errors = home / "errors"
    with (
        running(home, "trainer-sandbox", "--port", "0") as sandbox,
        ThreadPoolExecutor() as clients,
    ):
        trainers = sandbox.await_line("trainer sandbox at ").split()[-1]
        settings = {
            "DATABASE_URL": clean_database,
            "TRAINER_SERVICE_URL": trainers,
            "MUSTER_HTTP__DRAIN_SECONDS": "0.2",
            "MUSTER_HTTP__GRACE_SECONDS": str(GRACE_SECONDS),
        }
        with running(home, "serve", settings=settings, errors=errors) as server:
            address = server.address()
            assert call(f"{address}/v1/zones", a_zone()).status == 201
            order = a_booking(bookingReference="hangs")
            hanging = clients.submit(call, f"{address}/v1/bookings", order)
            assert eventually(lambda: asyncio.run(numbers(clean_database, IS_HANGING)) == [1])
            delay_the_next_answer(trainers)
            slow = clients.submit(call, f"{address}/v1/bookings", a_booking())
            time.sleep(WAITS_SECONDS / 3)
            assert not slow.done()
            server.process.send_signal(signal.SIGTERM)
            signalled = time.monotonic()
            assert server.process.wait(EXIT_SECONDS) == 0
            assert time.monotonic() - signalled > GRACE_SECONDS
    assert (slow.result().status, slow.result().body["status"]) == (201, "ASSIGNED")
    ended = hanging.result()
    assert (ended.status, ended.body["error"]["code"]) == (503, "SHUTTING_DOWN")
    assert asyncio.run(numbers(clean_database, COUNTS)) == [1, 10, 10, 1]
    assert faults(errors) == []
