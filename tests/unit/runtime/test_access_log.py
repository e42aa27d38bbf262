"""Access lines as they reach standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

# The quick way, and then the way of every other line.
WRITES = """
import sys
import structlog
from muster.http.access_line import AccessLine, logged
from muster.runtime.access_log import access_log
from muster.runtime.log_setup import set_up_logs
from muster.runtime.settings import LogFormat, LogSettings

settings = LogSettings(level=sys.argv[1], format=LogFormat(sys.argv[2]))
set_up_logs(settings)
bound = {"correlation_id": "c-1", "trace_id": "t", **dict([sys.argv[4:6]] if sys.argv[4:] else [])}
structlog.contextvars.bind_contextvars(**bound)
for write in (access_log(settings), logged):
    write(AccessLine("GET", sys.argv[3], "/v1/zones/{zone_id}", 200, 1.25))
"""


def lines(level: str, form: str, path: str = "/v1/zones/Kraków", *bound: str) -> list[str]:
    command = [sys.executable, "-c", WRITES, level, form, path, *bound]
    written = subprocess.run(command, capture_output=True, text=True, check=True)
    assert written.stdout == ""
    return written.stderr.splitlines()


def test_json_is_what_every_other_line_looks_like() -> None:
    quick, other = map(json.loads, lines("INFO", "json"))
    assert list(quick) == list(other)
    then, now = (datetime.fromisoformat(line.pop("timestamp")) for line in (quick, other))
    assert timedelta() <= now - then < timedelta(minutes=1)
    assert then.tzinfo == UTC
    assert quick == other
    assert quick["correlation_id"] == "c-1"


def test_the_level_is_kept_to() -> None:
    assert lines("WARNING", "json") == []


def test_pretty_lines_are_alike_too() -> None:
    quick, other = (line.partition("[")[2] for line in lines("INFO", "pretty"))
    assert quick == other
    assert "/v1/zones/Kraków" in quick


def test_what_msgspec_cannot_write_is_written_all_the_same() -> None:
    """A byte that is no UTF-8 comes as half a surrogate pair."""
    quick, other = map(json.loads, lines("INFO", "json", "/\udcff"))
    assert quick["path"] == other["path"] == "/\udcff"


def test_what_a_plugin_has_bound_is_redacted_too() -> None:
    for line in lines("INFO", "json", "/", "account", "asha@example.org"):
        assert json.loads(line)["account"] == "[redacted]"
