"""Several processes that start on one empty database at once: one migrates, all serve."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest

from muster_postgres.revisions import VERSION_TABLE, newest_revision
from tests.e2e.orders import a_booking, a_zone
from tests.e2e.processes import call, running

SERVE = ("serve",)
UPGRADE = ("db", "upgrade")
WAITING_FOR_US = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""
"""Others wait in other databases. A start that is ended before it waits may end in another way."""


async def state(url: str) -> tuple[list[str], int]:
    """The revisions that the database is at, and how many bookings it has."""
    connection = await asyncpg.connect(url)
    try:
        revisions = await connection.fetch(f"SELECT version_num FROM {VERSION_TABLE}")
        bookings = await connection.fetchval("SELECT count(*) FROM bookings")
        return [row[0] for row in revisions], bookings
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "starts",
    [
        pytest.param([(SERVE, 0.0), (SERVE, 0.0)], id="two at once"),
        pytest.param([(UPGRADE, 0.0), (SERVE, 0.05), (SERVE, 0.2)], id="one after another"),
    ],
)
def test_one_migrates_and_all_serve(
    home: Path,
    empty_database: Callable[[], str],
    starts: Sequence[tuple[tuple[str, ...], float]],
) -> None:
    database = empty_database()
    settings = {"DATABASE_URL": database, "MUSTER_HTTP__DRAIN_SECONDS": "0"}
    with ExitStack() as stack:
        began = time.monotonic()
        processes = []
        for number, (arguments, offset) in enumerate(starts):
            time.sleep(max(0.0, began + offset - time.monotonic()))
            errors = home / f"errors-{number}"
            begun = running(home, *arguments, settings=settings, errors=errors)
            processes.append((arguments, stack.enter_context(begun), errors))
        servers = [process for arguments, process, _ in processes if arguments == SERVE]
        addresses = [server.address() for server in servers]
        assert call(f"{addresses[0]}/v1/zones", a_zone()).status == 201
        for address in addresses:
            assert call(f"{address}/ready").body["status"] == "ready"
            booked = call(f"{address}/v1/bookings", a_booking())
            assert (booked.status, booked.body["status"]) == (201, "ASSIGNED")
        assert asyncio.run(state(database)) == ([newest_revision()], len(servers))
        for arguments, process, errors in processes:
            code = process.end() if arguments == SERVE else process.process.wait(60)
            assert (code, "Traceback" in errors.read_text()) == (0, False), errors.read_text()


def test_a_start_that_waits_for_another_server_can_be_ended(
    home: Path, empty_database: Callable[[], str]
) -> None:
    async def end_while_it_waits(database: str) -> float:
        other = await asyncpg.connect(database)
        try:
            async with other.transaction():
                await other.execute(f"CREATE TABLE {VERSION_TABLE} (version_num text)")
                with running(home, "serve", settings={"DATABASE_URL": database}) as server:
                    while not await other.fetchval(WAITING_FOR_US):  # noqa: ASYNC110 - none tells
                        await asyncio.sleep(0.05)
                    signalled = time.monotonic()
                    assert server.end() == -signal.SIGALRM
                    return time.monotonic() - signalled
        finally:
            await other.close()

    assert asyncio.run(end_while_it_waits(empty_database())) < 30
