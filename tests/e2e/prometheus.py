"""A real Prometheus that scrapes one server as ``deploy/observability`` says, only faster."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.processes import eventually
from tests.telemetry.deployed import DIRECTORY, RULES


class Prometheus:
    """Answers questions."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def values(self, expression: str) -> list[float]:
        """What an expression says now, for each series."""
        asked = urllib.parse.urlencode({"query": expression})
        result = self._asked(f"query?{asked}")["result"]
        return [float(series["value"][1]) for series in result]

    def scrapes(self) -> float:
        """How often it has scraped the server."""
        return sum(self.values("count_over_time(up[1h])"))

    def rules(self) -> dict[str, Any]:
        """Each alert as it stands, by its name."""
        groups = self._asked("rules")["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}

    def _asked(self, question: str) -> Any:
        with urllib.request.urlopen(f"{self._address}/api/v1/{question}", timeout=30) as answer:
            return json.load(answer)["data"]


@contextmanager
def scraping(home: Path, server: str, token: str) -> Iterator[Prometheus]:
    """Scrape a server every second.

    Args:
        home: Where it keeps what it has read.
        server: ``http://host:port``.
        token: That the server wants.
    """
    config = yaml.safe_load((DIRECTORY / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"] = [{"targets": [server.split("//")[1]]}]
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    (home / "metrics-token").write_text(token)
    shutil.copy(RULES, home)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (home / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={home / 'prometheus.yml'}",
                f"--storage.tsdb.path={home / 'series'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stderr=log,
        )
    try:
        prometheus = Prometheus(f"http://127.0.0.1:{port}")
        assert eventually(prometheus.ready), (home / "prometheus.log").read_text()
        yield prometheus
    finally:
        process.terminate()
        process.wait(60)
