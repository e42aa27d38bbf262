"""What those read who look at dead jobs, where one type has died often."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest

from muster.ports.jobs import MOST_JOBS_COUNTED, JobState
from muster.ports.paging import PageRequest
from muster_jobs.admin_statements import page_statement
from muster_jobs.job_filter import JobFilter, JobSort
from muster_jobs.statements import COUNTS

pytestmark = pytest.mark.xdist_group("jobs")

FEW = 1_000

INSERT = """
    INSERT INTO jobs (id, type, state, payload, asked_at, run_at, ended_at, correlation_id)
    SELECT gen_random_uuid(), 'a/' || kind, state, '{}', now(), now(), now(), 'example'
    FROM unnest($1::text[], $2::text[], $3::integer[]) AS wanted (kind, state, number)
    CROSS JOIN LATERAL generate_series(1, number)
"""


def read(url: str, statement: str, *arguments: Any) -> int:
    """How many rows of jobs a statement looks at, of which it may leave most out."""

    async def explained() -> str:
        connection = await asyncpg.connect(url)
        try:
            kinds, states = ["noisy", "quiet", "done"], ["DEAD", "DEAD", "DONE"]
            await connection.execute(INSERT, kinds, states, [20_000, 3, 20_000])
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
