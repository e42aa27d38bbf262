"""A gauge that cannot be read shows no old number, also where processes share files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio
from muster.ports.observation import Gauge
from muster_telemetry.gauge_readings import GaugeReadings
from muster_telemetry.instruments import Instruments

known = {"idle": 4.0}

async def read():
    if not known:
        raise ConnectionError
    return known

async def main():
    instruments = Instruments()
    gauges = GaugeReadings(instruments, 60)
    gauges.offered(Gauge("database_connections", "Connections.", "state", read))
    await gauges.read()
    print(instruments.text().decode())
    known.clear()
    await gauges.read()
    print("AWAY")
    print(instruments.text().decode())

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("shared", "away"), [(True, ["NaN"]), (False, [])], ids=["shared", "one process"]
)
def test_what_cannot_be_read_has_no_reading(tmp_path: Path, shared: bool, away: list[str]) -> None:
    environ = os.environ | ({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)} if shared else {})
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], env=environ, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    before, after = (
        [line.split()[-1] for line in part.splitlines() if 'state="idle"' in line]
        for part in ran.stdout.split("AWAY")
    )
    assert (before, after) == (["4.0"], away)


COUNTS = """
import asyncio, os
from muster.ports.observation import UseCaseActivity
from muster_telemetry.instruments import Instruments
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.measuring import Meter

meter = Meter(Instruments(), lambda gauge: None)
observer = ListeningObserver([meter])

def live():
    for _ in range(150):
        with observer.observing(UseCaseActivity("GetZone", None, "c")):
            pass

async def main():
    async with meter.kept_up():
        live()

{how}
os._exit(0)
"""
SHOWS = """
from muster_telemetry.instruments import Instruments

print(Instruments().text().decode())
"""


@pytest.mark.parametrize(("how", "seen"), [("asyncio.run(main())", 150.0), ("live()", 100.0)])
def test_others_see_what_nobody_has_read_here(tmp_path: Path, how: str, seen: float) -> None:
    """All of it once the app has ended; of one that breaks off, all but what waits at most."""
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for program in (COUNTS.format(how=how), SHOWS):
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environ, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
    (count,) = (
        line for line in ran.stdout.splitlines() if "use_case_duration_seconds_count" in line
    )
    assert float(count.split()[-1]) == seen
