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
