"""Logs: ours and those of libraries in one format, on standard error."""

from __future__ import annotations

import subprocess
import sys

import msgspec

WRITES = """
import logging, sys, warnings
import structlog
from muster.runtime.log_setup import set_up_logs
from muster.runtime.settings import LogFormat, LogSettings

set_up_logs(LogSettings(level=sys.argv[1], format=LogFormat(sys.argv[2])))
structlog.contextvars.bind_contextvars(correlation_id="c-1")
structlog.get_logger("ours").info("zone_opened", zone="Kraków")
structlog.get_logger("ours").debug("too_much")
logging.getLogger("theirs").warning("slow: %d ms", 7)
logging.getLogger("uvicorn.error").info("Started server process")
warnings.warn("old")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("ours").exception("broken")
"""


def lines(level: str, form: str) -> list[str]:
    written = subprocess.run(
        [sys.executable, "-c", WRITES, level, form], capture_output=True, text=True, check=True
    )
    assert written.stdout == ""
    return written.stderr.splitlines()


def test_each_event_is_a_line_of_json() -> None:
    events = [msgspec.json.decode(line) for line in lines("INFO", "json")]
    assert [(event["logger"], event["level"]) for event in events] == [
        ("ours", "info"),
        ("theirs", "warning"),
        ("py.warnings", "warning"),
        ("ours", "error"),
    ]
    assert (events[0]["event"], events[0]["zone"]) == ("zone_opened", "Kraków")
    assert events[1]["event"] == "slow: 7 ms"
    assert all(event["correlation_id"] == "c-1" for event in events)
    assert all(event["timestamp"].endswith("Z") for event in events)
    assert "ZeroDivisionError" in events[3]["exception"]


def test_levels_below_the_setting_are_not_written() -> None:
    assert [msgspec.json.decode(line)["event"] for line in lines("ERROR", "json")] == ["broken"]


def test_people_can_read_it_too() -> None:
    written = lines("INFO", "pretty")
    assert "zone_opened" in written[0]
    assert "zone=Kraków" in written[0]
