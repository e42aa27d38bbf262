"""The statements of those who look at jobs and rule over them."""

from __future__ import annotations

from typing import Any

from muster.ports.jobs import LIVE_STATES
from muster.ports.paging import PageRequest
from muster_jobs.job_filter import JobFilter, JobSort
from muster_jobs.statements import LIVE, RECORD

__all__ = [
    "FAILURES",
    "HASTEN",
    "LATELY",
    "PAUSE",
    "PAUSED",
    "RESUME",
    "STANDS_IN",
    "TICKS",
    "page_statement",
]


def page_statement(wanted: JobFilter, page: PageRequest[JobSort]) -> tuple[str, list[Any]]:
    """Return the statement of a page and one job more, with its arguments.

    Conditions that are not wanted are not written, a state is written as it is, and one type
    is no array: so the planner sees which of the partial indexes answers, and in which order.

    Args:
        wanted: Which jobs.
        page: Which part of them; ids are in the order in which jobs were asked for.
    """
    arguments: list[Any] = [page.limit + 1]
    conditions = ["true"]
    if wanted.state is not None:
        over = " AND ended_at IS NOT NULL" if wanted.state not in LIVE_STATES else ""
        conditions.append(f"state = '{wanted.state.value}'{over}")
    for condition, value in (
        _of_types(wanted),
        ("correlation_id = ${}", wanted.correlation_id),
        ("id < ${}" if page.descending else "id > ${}", page.after and page.after.id),
    ):
        if value is not None:
            arguments.append(value)
            conditions.append(condition.format(len(arguments)))
    direction = "DESC" if page.descending else "ASC"
    statement = f"""
        SELECT {RECORD} FROM jobs WHERE {" AND ".join(conditions)} ORDER BY id {direction} LIMIT $1
    """  # noqa: S608 - constants
    return statement, arguments


def _of_types(wanted: JobFilter) -> tuple[str, Any]:
    if wanted.types is not None and len(wanted.types) == 1:
        return "type = ${}", next(iter(wanted.types))
    return "type = ANY (${}::text[])", None if wanted.types is None else list(wanted.types)


# What failed last: of those that are tried again, and of those that are dead.
FAILURES = f"""
    SELECT {RECORD} FROM (
        (
            SELECT *, taken_at AS failed_at FROM jobs
            WHERE state = 'WAITING' AND last_error IS NOT NULL
            ORDER BY taken_at DESC LIMIT $1
        )
        UNION ALL
        (
            SELECT *, ended_at AS failed_at FROM jobs
            WHERE state = 'DEAD' AND ended_at IS NOT NULL
            ORDER BY ended_at DESC LIMIT $1
        )
    ) AS failed
    ORDER BY failed_at DESC NULLS LAST
    LIMIT $1
"""  # noqa: S608 - constants

# Of each way to be over the newest so far and no further, for the same reason as in COUNTS.
LATELY = """
    WITH lately AS (
        SELECT one.* FROM unnest(ARRAY['DONE', 'DEAD', 'CANCELLED']) AS wanted (state)
        CROSS JOIN LATERAL (
            SELECT type, state, ended_at,
                1000 * extract(epoch FROM greatest(taken_at - run_at, interval '0')) AS waited,
                1000 * extract(epoch FROM greatest(ended_at - taken_at, interval '0')) AS worked
            FROM jobs
            WHERE jobs.state = wanted.state AND ended_at IS NOT NULL AND ended_at > $1
            ORDER BY ended_at DESC
            LIMIT $2
        ) AS one
    )
    SELECT type,
        count(*) FILTER (WHERE state = 'DONE') AS done,
        count(*) FILTER (WHERE state = 'DEAD') AS died,
        count(*) FILTER (WHERE state = 'CANCELLED') AS cancelled,
        min(ended_at) FILTER (WHERE state = 'DONE') AS since,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY waited::float8)
            FILTER (WHERE state = 'DONE') AS waited,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY worked::float8)
            FILTER (WHERE state = 'DONE') AS worked
    FROM lately
    GROUP BY type
"""

STANDS_IN = f"SELECT id FROM jobs WHERE type = $1 AND unique_key = $2 AND {LIVE}"  # noqa: S608 - constants

TICKS = "SELECT schedule, last_at FROM job_ticks"

# What failed and waits for its next attempt is to have it now. In order of their ids, as in REVIVE.
HASTEN = """
    WITH found AS MATERIALIZED (
        SELECT id FROM jobs
        WHERE id = ANY ($1::uuid[]) AND state = 'WAITING' AND last_error IS NOT NULL
            AND run_at > $2
        ORDER BY id
        FOR UPDATE
    )
    UPDATE jobs SET run_at = $2 FROM found WHERE jobs.id = found.id
    RETURNING jobs.id
"""

PAUSED = "SELECT queue, paused_at, paused_by FROM paused_job_queues"

PAUSE = """
    INSERT INTO paused_job_queues (queue, paused_at, paused_by) VALUES ($1, $2, $3)
    ON CONFLICT (queue) DO NOTHING
    RETURNING queue
"""

RESUME = "DELETE FROM paused_job_queues WHERE queue = $1 RETURNING queue"
