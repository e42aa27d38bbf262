"""``/metrics`` of several server processes."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.e2e.processes import call, eventually, run, running, workers

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")

COUNT = "muster_http_request_duration_seconds_count"
ENABLED = {
    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry",
    "MUSTER_HTTP__DRAIN_SECONDS": "0",
}


def scraped(address: str) -> list[Sample]:
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return [sample for family in families for sample in family.samples]


def answered(address: str) -> float:
    """How many requests for zones were answered, by all processes."""
    return sum(
        sample.value
        for sample in scraped(address)
        if sample.name == COUNT and sample.labels["route"] == "/v1/zones"
    )


def with_gauges(address: str) -> set[int]:
    """The processes whose pools are shown."""
    return {
        int(sample.labels["pid"])
        for sample in scraped(address)
        if sample.name == "muster_database_connections"
    }


def who_answered(directory: Path) -> int:
    """How many processes have timed such a request."""
    files = directory.glob("histogram_*.db")
    return sum(b'"/v1/zones"' in file.read_bytes() for file in files)


def left_by_an_earlier_run(directory: Path) -> Path:
    directory.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = directory / f"gauge_liveall_{ended.pid}.db"
    left.touch()
    return left


def test_two_workers_show_their_sums_and_no_gauge_of_a_dead_one(
    home: Path, empty_database: Callable[[], str]
) -> None:
    directory = home / "prometheus"
    settings = {
        **ENABLED,
        "DATABASE_URL": empty_database(),
        "PROMETHEUS_MULTIPROC_DIR": str(directory),
    }
    left = left_by_an_earlier_run(directory)
    with running(home, "serve", "--workers", "2", settings=settings) as server:
        address = server.address()
        sent = 0

        def both_have_answered() -> bool:
            nonlocal sent
            with ThreadPoolExecutor(8) as clients:
                statuses = list(
                    clients.map(lambda _: call(f"{address}/v1/zones").status, range(16))
                )
            assert set(statuses) == {200}
            sent += len(statuses)
            return who_answered(directory) == 2

        assert eventually(both_have_answered)
        # A request is counted a moment after its answer.
        assert eventually(lambda: answered(address) == sent)
        assert not left.exists()
        first = set(workers(home))
        assert with_gauges(address) == first
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        assert eventually(_shows(address, home, killed))
        assert answered(address) == sent
        assert server.end() == 0


def _shows(address: str, home: Path, killed: int) -> Callable[[], bool]:
    def shows() -> bool:
        now = set(workers(home))
        return killed not in now and len(now) == 2 and with_gauges(address) == now

    return shows


def test_a_directory_that_cannot_be_made_is_said(home: Path) -> None:
    (home / "file").touch()
    settings = {**ENABLED, "PROMETHEUS_MULTIPROC_DIR": str(home / "file" / "below")}
    refused = run(home, "serve", settings=settings)
    assert refused.returncode == 2
    assert "PROMETHEUS_MULTIPROC_DIR names" in refused.stderr
    assert "Traceback" not in refused.stderr
