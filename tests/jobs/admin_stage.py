"""A server that does no jobs by itself, and jobs put into its database as they are needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from muster.plugin_api import Role
from muster_jobs.plugin import JobsPlugin
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.auth.stage import run
from tests.http.api import Answer, Api
from tests.http.named_callers import NamedCallers, header_of
from tests.http.server_under_test import ServerUnderTest, serving
from tests.jobs.chores import ChoresPlugin

ADMIN = header_of(Role.COMPANY_ADMIN)
PLUGINS = (PostgresPlugin, TrainerHttpPlugin, JobsPlugin, ChoresPlugin, NamedCallers)
TYPE = "chores/failing"

_INSERT = """
    INSERT INTO jobs (id, type, state, payload, unique_key, attempts, asked_at, run_at, taken_at,
        ended_at, leased_until, worker, last_error, correlation_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'w:1', $12, $13)
"""


@contextmanager
def administered(database_url: str, *more: type, **environ: str) -> Iterator[ServerUnderTest]:
    settings = {"MUSTER_JOBS__WORK_IN_SERVER": "false", **environ}
    with serving(database_url, [*PLUGINS, *more], **settings) as server:
        yield server


def put(
    url: str,
    state: str,
    *,
    type_: str = TYPE,
    error: str | None = None,
    key: str | None = None,
    correlation_id: str = "example",
    wait_seconds: float = 0.0,
    payload: str = '{"number": 1, "note": "for mira@example.org"}',
) -> UUID:
    """Put a job into the database; one that is over ended a second after it was taken."""
    id_, now = uuid4(), datetime.now(UTC)
    over = state in ("DONE", "DEAD", "CANCELLED")
    taken = over or state == "RUNNING" or error is not None
    run(
        url,
        _INSERT,
        id_,
        type_,
        state,
        payload,
        key,
        int(taken),
        now,
        now + timedelta(seconds=wait_seconds),
        now + timedelta(seconds=wait_seconds) if taken else None,
        now + timedelta(seconds=wait_seconds + 1) if over else None,
        now + timedelta(minutes=1) if state == "RUNNING" else None,
        error,
        correlation_id,
    )
    return id_


def get(api: Api, path: str = "", caller: tuple[str, str] | None = ADMIN) -> Answer:
    return api.send("GET", f"/admin/jobs{path}", headers=[caller] if caller else [])


def post(api: Api, path: str, caller: tuple[str, str] | None = ADMIN) -> Answer:
    return api.send("POST", f"/admin/jobs{path}", headers=[caller] if caller else [])


def entries(url: str) -> list[tuple[str, str, Any]]:
    """The audit trail of jobs: action, actor, change."""
    rows = run(
        url,
        "SELECT action, actor, change FROM audit_entries"
        " WHERE subject_kind IN ('job', 'job_queue') ORDER BY at, id",
    )
    return [(row["action"], row["actor"], json.loads(row["change"])) for row in rows]
