"""``muster jobs`` for those who look after them, as real processes on a real database."""

from __future__ import annotations

import json
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

    code, told, errors = begun("list", "--state", "dead", "--correlation-id", "c-1", "--json")
    assert code == 0, errors
    (line,) = json.loads(told)
    assert (line["id"], line["queue"]) == (str(dead), "default")
    assert "mira" not in told
    assert json.loads(begun("show", str(dead))[1])["state"] == "DEAD"
    assert begun("pause", "default")[1] == "The queue default is paused.\n"
    assert begun("retry", str(dead))[0] == 0
    assert [row["queue"] for row in run(url, "SELECT queue FROM paused_job_queues")] == ["default"]
    assert begun("resume", "default")[1] == "The queue default goes on.\n"
    assert [(action, actor) for action, actor, _ in entries(url)] == [
        ("PauseJobQueue", "command_line"),
        ("RetryJob", "command_line"),
        ("ResumeJobQueue", "command_line"),
    ]
