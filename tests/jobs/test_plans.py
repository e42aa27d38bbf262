"""How many rows those read who take jobs and who look at the dead, where there are many others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from muster.ports.jobs import MOST_JOBS_COUNTED, JobState
from muster.ports.paging import PageRequest
from muster_jobs.admin_statements import page_statement
from muster_jobs.job_filter import JobFilter, JobSort
from muster_jobs.statements import COUNTS, TAKE
from tests.auth.stage import run

pytestmark = pytest.mark.xdist_group("jobs")

FEW = 500

JOBS = (
    ("noisy", "DEAD", 5_000),
    ("quiet", "DEAD", 3),
    ("done", "DONE", 5_000),
    ("due", "WAITING", 5_000),
    ("other", "WAITING", 5_000),
    ("still", "WAITING", 5_000),
)

INSERT = """
    INSERT INTO jobs (id, type, state, payload, asked_at, run_at, ended_at, correlation_id)
    SELECT gen_random_uuid(), 'a/' || kind, state, '{}', now(), now() - interval '1 minute',
        CASE WHEN state <> 'WAITING' THEN now() END, 'example'
    FROM unnest($1::text[], $2::text[], $3::integer[]) AS wanted (kind, state, number)
    CROSS JOIN LATERAL generate_series(1, number)
"""


def read(url: str, statement: str, *arguments: Any) -> int:
    """How many rows of jobs a statement looks at, of which it may leave most out."""

    async def explained() -> str:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(INSERT, *zip(*JOBS, strict=True))
            await connection.execute("ANALYZE jobs")
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            return str(await connection.fetchval(explain, *arguments))
        finally:
            await connection.close()

    return _rows(msgspec.json.decode(asyncio.run(explained()))[0]["Plan"])


def _rows(node: dict[str, Any]) -> int:
    own = 0
    if node.get("Relation Name") == "jobs":
        left_out = node.get("Rows Removed by Filter", 0)
        own = int(node["Actual Loops"] * (node["Actual Rows"] + left_out))
    return own + sum(_rows(below) for below in node.get("Plans", ()))


def test_a_worker_takes_without_reading_what_it_does_not_take(clean_database: str) -> None:
    """Neither more of its own types, nor jobs of others; nor of a queue that is paused."""
    now = datetime.now(UTC)
    run(clean_database, "INSERT INTO paused_job_queues VALUES ('still', $1, 'example')", now)
    until, types, queues = now + timedelta(seconds=30), ["a/still", "a/due"], ["still", "default"]
    taken = (types, now, until, 10, "example", queues)
    assert 0 < read(clean_database, TAKE, *taken) < FEW
    found = run(clean_database, "SELECT type FROM jobs WHERE state = 'RUNNING'")
    assert [row["type"] for row in found] == ["a/due"] * 10


def test_the_dead_of_one_type_are_counted_without_reading_those_of_others(
    clean_database: str,
) -> None:
    assert read(clean_database, COUNTS, ["a/quiet", "a/done"], MOST_JOBS_COUNTED) < FEW


def test_the_dead_of_one_type_are_listed_without_reading_those_of_others(
    clean_database: str,
) -> None:
    wanted = JobFilter(state=JobState.DEAD, types=frozenset({"a/quiet"}))
    page = PageRequest(JobSort.ASKED_AT, descending=True, limit=50)
    statement, arguments = page_statement(wanted, page)
    assert read(clean_database, statement, *arguments) < FEW
