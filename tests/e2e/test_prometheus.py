"""Every panel and every alert, asked of a real Prometheus that scrapes a real server at work."""

from __future__ import annotations

import json
import math
import shutil
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.orders import a_booking, a_zone
from tests.e2e.processes import call, eventually, running
from tests.e2e.prometheus import Prometheus, scraping
from tests.telemetry.deployed import Panel, alerts, filled, panels
from tests.telemetry.promql import read

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is not installed"
)

TOKEN = "of-the-scraper-0123456789"
LOAD_SECONDS = 6.0
WINDOW = "45s"

SUBSCRIBERS = '''
from muster.plugin_api import API_VERSION, EventSubscriber, Manifest, hookimpl


async def hear(recorded, ports):
    """Hear."""


async def fail(recorded, ports):
    raise ConnectionError


class EarsPlugin:
    MANIFEST = Manifest(name="ears", api_version=API_VERSION)

    @hookimpl
    def event_subscribers(self, settings):
        return [
            EventSubscriber("hearing", hear),
            EventSubscriber("deaf", fail, max_attempts=1),
        ]
'''


def install_subscribers(directory: Path) -> None:
    """A plugin that hears of events, as pip would leave it there."""
    metadata = directory / "ears-1.0.dist-info"
    metadata.mkdir(parents=True)
    (directory / "ears.py").write_text(SUBSCRIBERS)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ears\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[muster.plugins]\nears = ears:EarsPlugin\n")


def rename(url: str, version: int) -> int:
    """Edit a zone, and return its version."""
    request = urllib.request.Request(
        url,
        data=json.dumps({"version": version, "name": f"Vijayawada, edition {version}"}).encode(),
        headers={"Content-Type": "application/json"},
        method="PATCH",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(json.load(answer)["version"])


def work(address: str) -> None:
    """Bookings that are assigned, wait or are refused, and a zone that changes under them."""
    zone = call(f"{address}/v1/zones", a_zone()).body
    until = time.monotonic() + LOAD_SECONDS

    def book() -> None:
        while time.monotonic() < until:
            call(f"{address}/v1/bookings", a_booking())
            # Of a course that everybody wants, so that its trainers are soon busy.
            call(f"{address}/v1/bookings", a_booking(courseId=zone["id"]))
            call(f"{address}/v1/bookings", a_booking(totalSessions=11))
            call(f"{address}/v1/bookings/{zone['id']}")

    def edit() -> None:
        version = zone["version"]
        while time.monotonic() < until:
            version = rename(f"{address}/v1/zones/{zone['id']}", version)

    with ThreadPoolExecutor() as clients:
        for done in [clients.submit(book) for _ in range(4)] + [clients.submit(edit)]:
            done.result()


def told_nothing(prometheus: Prometheus) -> list[str]:
    """The panels without a number."""

    def is_told(panel: Panel) -> bool:
        values = prometheus.values(filled(panel.expression, WINDOW))
        return any(map(math.isfinite, values))

    return [f"{one.dashboard}: {one.expression}" for one in panels() if not is_told(one)]


def unknown_metrics(prometheus: Prometheus) -> list[str]:
    """Those that alerts name and Prometheus does not have."""
    named = {metric for alert in alerts() for metric in read(alert["expr"]).metrics}
    return [metric for metric in sorted(named) if not prometheus.values(metric)]


def test_every_panel_shows_something_and_every_alert_can_fire(
    home: Path, empty_database: Callable[[], str]
) -> None:
    install_subscribers(home / "installed")
    settings = {
        "DATABASE_URL": empty_database(),
        "PYTHONPATH": str(home / "installed"),
        "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry,jobs,ears",
        "MUSTER_TELEMETRY__METRICS_TOKEN": TOKEN,
        "MUSTER_HTTP__DRAIN_SECONDS": "0",
    }
    with running(home, "serve", settings=settings, errors=home / "errors") as server:
        address = server.address()
        with scraping(home, address, TOKEN) as prometheus:
            assert eventually(lambda: prometheus.values("up") == [1])
            work(address)
            # A rate is seen from the second scrape on.
            scrapes = prometheus.scrapes()
            assert eventually(lambda: prometheus.scrapes() > scrapes + 1)
            assert told_nothing(prometheus) == []
            assert unknown_metrics(prometheus) == []
            assert eventually(
                lambda: {one["health"] for one in prometheus.rules().values()} == {"ok"}
            )
            rules = prometheus.rules()
            assert sorted(rules) == sorted(alert["alert"] for alert in alerts())
            # The subscriber that hears nothing.
            assert rules["MusterEventsParked"]["state"] == "pending"
            assert rules["MusterNotAnswering"]["state"] == "inactive"
        assert call(f"{address}/metrics").status == 401
        assert server.end() == 0
