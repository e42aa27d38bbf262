"""``muster worker`` and ``muster jobs`` as real processes on a real database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from muster_jobs.settings import JobsSettings
from tests.auth.stage import run
from tests.e2e.processes import MUSTER, environ
from tests.jobs.stage import settings

pytestmark = pytest.mark.xdist_group("jobs")

PATIENCE_SECONDS = 60
INSERT = """
    INSERT INTO jobs (id, type, state, payload, attempts, asked_at, run_at, ended_at, last_error,
        correlation_id)
    VALUES ($1, 'jobs/clean-up', $2, '{}', 0, $3, $3, $4, 'OSError: no', 'example')
"""

DONE = """
    SELECT id FROM jobs WHERE id = $1 AND state = 'DONE' AND result = '{"jobs": 0, "events": 0}'
"""


def command(home: Path, url: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*MUSTER, *arguments],
        env=environ(home, settings(url)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stored(url: str, state: str) -> UUID:
    job_id, now = uuid4(), datetime.now(UTC)
    run(url, INSERT, job_id, state, now, now if state == "DEAD" else None)
    return job_id


def test_a_worker_works_until_it_is_told_to_end(tmp_path: Path, clean_database: str) -> None:
    job_id = stored(clean_database, "WAITING")
    stranger = command(tmp_path, clean_database, "worker", "--queue", "nobody")
    worker = command(tmp_path, clean_database, "worker", "--concurrency", "2")
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Working on jobs.\n"
        niceness = os.getpriority(os.PRIO_PROCESS, 0) + JobsSettings().niceness
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) == min(niceness, 19)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not run(clean_database, DONE, job_id):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGTERM)
        _, errors = worker.communicate(timeout=PATIENCE_SECONDS)
    assert worker.returncode == 0, errors
    _, errors = stranger.communicate(timeout=PATIENCE_SECONDS)
    assert stranger.returncode == 2
    assert "there are default" in " ".join(errors.replace("│", " ").split())


def test_all_that_are_dead_are_run_again_however_many(tmp_path: Path, clean_database: str) -> None:
    """Each has an entry of its own in the audit trail, where it is looked for by its id."""
    many = 10_001
    run(
        clean_database,
        "INSERT INTO jobs (id, type, state, payload, asked_at, run_at, ended_at, correlation_id)"
        " SELECT gen_random_uuid(), 'jobs/clean-up', 'DEAD', '{}', $2, $2, $2, 'example'"
        " FROM generate_series(1, $1)",
        many,
        datetime.now(UTC),
    )
    retried = command(tmp_path, clean_database, "jobs", "retry", "--all")
    told, errors = retried.communicate(timeout=PATIENCE_SECONDS)
    assert (retried.returncode, told) == (0, f"{many} jobs are to be run again.\n"), errors
    ((left,),) = run(clean_database, "SELECT count(*) FROM jobs WHERE state = 'DEAD'")
    ((noted,),) = run(clean_database, "SELECT count(DISTINCT subject_id) FROM audit_entries")
    assert (left, noted) == (0, many)


def test_dead_jobs_are_shown_and_run_again_or_dropped(tmp_path: Path, clean_database: str) -> None:
    one, other = (stored(clean_database, "DEAD") for _ in range(2))
    shown = command(tmp_path, clean_database, "jobs", "dead", "--json")
    told, errors = shown.communicate(timeout=PATIENCE_SECONDS)
    assert shown.returncode == 0, errors
    lines = json.loads(told)
    assert {line["jobId"] for line in lines} == {str(one), str(other)}
    assert {(line["error"], line["correlationId"]) for line in lines} == {
        ("OSError: no", "example")
    }
    retried = command(tmp_path, clean_database, "jobs", "retry", str(one))
    dropped = command(tmp_path, clean_database, "jobs", "drop", "--yes", str(other), str(uuid4()))
    assert retried.communicate(timeout=PATIENCE_SECONDS)[0] == "1 job is to be run again.\n"
    told, errors = dropped.communicate(timeout=PATIENCE_SECONDS)
    assert (dropped.returncode, told) == (1, "1 job is dropped.\n")
    assert "Not dead" in errors
    rows = run(clean_database, "SELECT id, state FROM jobs")
    assert {row["id"]: row["state"] for row in rows} == {one: "WAITING", other: "CANCELLED"}
