"""``muster jobs`` for those who look after them, as real processes on a real database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.auth.stage import run
from tests.jobs.admin_stage import entries, put
from tests.jobs.test_commands import PATIENCE_SECONDS, command

pytestmark = pytest.mark.xdist_group("jobs")

CLEAN_UP = "jobs/clean-up"


def test_jobs_are_shown_and_queues_stand_still(tmp_path: Path, clean_database: str) -> None:
    url = clean_database
    dead = put(url, "DEAD", type_=CLEAN_UP, error="OSError: mira@example.org", correlation_id="c-1")
    put(url, "WAITING", type_=CLEAN_UP, error="no", wait_seconds=3_600)

    def begun(*arguments: str) -> tuple[int, str, str]:
        process = command(tmp_path, url, "jobs", *arguments)
        told, errors = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, told, errors

    with ThreadPoolExecutor() as threads:
        listed = threads.submit(
            begun, "list", "--state", "dead", "--correlation-id", "c-1", "--json"
        )
        dead_ones = threads.submit(begun, "dead", "--json")
        shown = threads.submit(begun, "show", str(dead))
        paused = threads.submit(begun, "pause", "default")
    code, told, errors = listed.result()
    assert code == 0, errors
    (line,) = json.loads(told)
    assert (line["id"], line["queue"]) == (str(dead), "default")
    assert "mira" not in told
    (line,) = json.loads(dead_ones.result()[1])
    assert (line["jobId"], line["payload"]["number"]) == (str(dead), 1)
    assert "mira" not in dead_ones.result()[1]
    assert json.loads(shown.result()[1])["state"] == "DEAD"
    assert paused.result()[1] == "The queue default is paused.\n"
    assert [row["queue"] for row in run(url, "SELECT queue FROM paused_job_queues")] == ["default"]
    with ThreadPoolExecutor() as threads:
        resumed = threads.submit(begun, "resume", "default")
        retried = threads.submit(begun, "retry", str(dead))
    assert resumed.result()[1] == "The queue default goes on.\n"
    assert retried.result()[0] == 0
    assert {(action, actor) for action, actor, _ in entries(url)} == {
        ("PauseJobQueue", "command_line"),
        ("RetryJob", "command_line"),
        ("ResumeJobQueue", "command_line"),
    }
