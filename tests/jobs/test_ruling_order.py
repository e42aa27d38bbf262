"""Who rules over several jobs locks them in order of their ids: so two never wait in a circle."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from muster.ports.jobs import JobState
from muster_jobs.admin_statements import HASTEN
from muster_jobs.statements import CANCEL, REVIVE
from tests.auth.stage import run
from tests.jobs.admin_stage import put

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]


@pytest.mark.parametrize(
    ("statement", "state", "more"),
    [
        pytest.param(REVIVE, "DEAD", [], id="revive"),
        pytest.param(HASTEN, "WAITING", [], id="hasten"),
        pytest.param(CANCEL, "WAITING", [[JobState.WAITING.value]], id="cancel"),
    ],
)
async def test_who_waits_for_a_job_holds_none_behind_it(
    clean_database: str, statement: str, state: str, more: list[Any]
) -> None:
    """Although they stand in the table in another order, and are found in that one."""
    low, high = sorted(put(clean_database, state, error="no", wait_seconds=60) for _ in range(2))
    run(clean_database, "UPDATE jobs SET worker = 'w:2' WHERE id = $1", low)
    one, other = [await asyncpg.connect(clean_database) for _ in range(2)]
    try:
        await other.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")
        async with one.transaction():
            await one.execute("SELECT FROM jobs WHERE id = $1 FOR UPDATE", low)
            ruling = asyncio.create_task(
                other.fetch(statement, [high, low], datetime.now(UTC), *more)
            )
            waits = "SELECT FROM pg_locks WHERE NOT granted AND pid = $1"
            while not await one.fetch(waits, other.get_server_pid()):
                assert not ruling.done(), "it waited for nobody"
                await asyncio.sleep(0.01)
            await one.execute("SELECT FROM jobs WHERE id = $1 FOR UPDATE NOWAIT", high)
        assert {row["id"] for row in await ruling} == {low, high}
    finally:
        await one.close()
        await other.close()
