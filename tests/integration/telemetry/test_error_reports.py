"""What leaves with an error report, and what the log says of the same request."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from muster.plugin_api import CompositionError
from muster.testing.app_under_test import make_app
from muster_telemetry.plugin import TelemetryPlugin

ROOT = Path(__file__).parents[3]
PRIVATE = ("Asha", "Devi", "asha@example.org", "98765")
TRACE = "ab" * 16
FAILS = "students/98765%2043210"


class Told(NamedTuple):
    lines: str
    sent: str

    @property
    def reports(self) -> list[dict[str, Any]]:
        envelopes = [json.loads(line)["items"] for line in self.sent.splitlines()]
        return [json.loads(item) for (item,) in envelopes]

    @property
    def log(self) -> list[dict[str, Any]]:
        """The lines of the log; spans that are printed have no event."""
        found = [json.loads(line) for line in self.lines.splitlines()]
        return [line for line in found if "event" in line]


def run(*paths: str, form: str = "json") -> Told:
    command = [sys.executable, "-m", "tests.integration.telemetry.failing_app", form, *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return Told(done.stderr, done.stdout)


def test_an_error_is_reported_with_its_request_and_without_a_word_of_a_person() -> None:
    told = run(FAILS)
    (report,) = told.reports
    assert report["tags"] == {
        "correlation_id": "of-students",
        "trace_id": TRACE,
        "route": "/plugins/failing/students/{student_id}",
    }
    raised = [(one["type"], one["value"]) for one in report["exception"]["values"]]
    assert raised == [("LookupError", "unexpected_error"), ("RuntimeError", "unexpected_error")]
    last = report["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert (last["function"], last["filename"].endswith("failing_app.py")) == ("fail", True)
    assert (report["level"], report["release"].startswith("muster@")) == ("error", True)
    assert not any(secret in told.sent for secret in (*PRIVATE, str(ROOT)))
    assert "request" not in report
    assert not report.get("breadcrumbs", {}).get("values")


def test_only_errors_with_an_exception_are_reported() -> None:
    told = run("calm")
    assert told.reports == []
    assert "no_exception_here" in told.lines
    assert "Asha" not in told.lines


def test_what_fails_after_the_answer_is_reported_too() -> None:
    told = run("later", "wait")
    (report,) = told.reports
    assert (report["logger"], report["tags"]["correlation_id"]) == ("library", "of-later")
    assert not any(secret in told.sent for secret in PRIVATE)


def test_every_line_of_a_request_has_the_ids_of_its_trace() -> None:
    lines = [line for line in run(FAILS).log if line.get("correlation_id") == "of-students"]
    assert [line["event"] for line in lines] == ["unexpected_error", "request"]
    assert {line["trace_id"] for line in lines} == {TRACE}
    assert len({line["span_id"] for line in lines}) == 1
    assert all(len(line["span_id"]) == 16 for line in lines)
    assert lines[1]["path"] == lines[1]["route"] == "/plugins/failing/students/{student_id}"


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_the_log_tells_the_error_without_what_can_be_known_by_its_shape(form: str) -> None:
    told = run(FAILS, form=form).lines
    assert "RuntimeError" in told
    assert "no trainer for" in " ".join(told.split())
    assert not any(secret in told for secret in ("asha@example.org", "98765"))


def test_a_dsn_that_is_none_stops_the_start_and_is_not_shown() -> None:
    app = make_app([TelemetryPlugin], {"SENTRY_DSN": "https://hunter2@/"})

    async def start() -> None:
        async with app.application.running():
            raise AssertionError("it started")

    with pytest.raises(CompositionError, match="SENTRY_DSN is no DSN") as found:
        asyncio.run(start())
    assert "hunter2" not in str(found.value)
