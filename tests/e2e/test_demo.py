"""``muster demo`` from the first process to the last."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.e2e.processes import left_behind, run, running

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")


def test_shows_every_outcome_and_a_receipt(home: Path) -> None:
    shown = run(home, "demo", "--count", "12", "--seed", "7")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert re.search(
        r"12 bookings in all: 8 ASSIGNED, 2 WAITLISTED, 2 SERVICE_NOT_AVAILABLE; \d+ s",
        shown.stdout,
    )
    zones = re.search(r"(\d+) zones in (\d+) countries and (\d+) time zones", shown.stdout)
    assert zones
    assert int(zones[1]) >= 500
    assert "Opening zones: 520 of 520" in shown.stdout
    assert re.search(r"Receipt [0-9a-f-]{36} of booking \d+", shown.stdout)
    assert "TOO_MANY_CERTIFICATIONS" in shown.stdout
    assert re.search(r"http://127\.0\.0\.1:\d+/docs", shown.stdout)
    assert list(home.iterdir()) == []
    assert left_behind(home) == []


@pytest.mark.parametrize(
    ("arguments", "moment", "code"),
    [
        (["--count", "12"], "Starting PostgreSQL", 130),
        (["--count", "12"], "Opening zones", 130),
        (["--count", "1", "--keep"], "Everything stays up until Ctrl-C", 0),
    ],
)
def test_ctrl_c_leaves_nothing_running(
    home: Path, arguments: list[str], moment: str, code: int
) -> None:
    with running(home, "demo", *arguments) as demo:
        demo.await_line(moment)
        assert demo.end(signal.SIGINT) == code
    assert list(home.iterdir()) == []
    assert left_behind(home) == []
