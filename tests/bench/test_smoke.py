"""The benchmark runs; its figures are no test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.xdist_group("concurrency")
def test_bookings_run_and_write_their_result() -> None:
    result = ROOT / "bench/results/smoke.json"
    result.unlink(missing_ok=True)

    command = [sys.executable, "-m", "bench", "bookings", "--quick", "--name", "smoke"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert run.returncode == 0, run.stderr
    (case,) = json.loads(result.read_text())["found"]
    assert case["server"]["median"] > 0
    assert case["alone"]["median"] > 0
    assert case["statements"] == 9
    result.unlink()
