"""What telemetry costs: read routes of servers without it, and with it, in turns."""

from __future__ import annotations

import sys
import urllib.request

from bench.compared_servers import ComparedServer, compare, show
from bench.deployment import Server, deployed, spoken
from bench.reads import ReadsPlan
from bench.report import say, write

__all__ = ["measure_telemetry"]

_SHARES = {"metrics alone": None, "10 % of traces": "0.1", "100 % of traces": "1"}
"""What is compared with a server without telemetry; each measures too."""


def measure_telemetry(plan: ReadsPlan, name: str) -> None:
    """Measure every route and server, print the table and write it."""
    with (
        deployed() as deployment,
        spoken(
            [sys.executable, "-m", "bench.otlp_sink"], {}, deployment.home / "sink.log", "sink at "
        ) as sink,
    ):
        found = compare(plan, deployment, deployment.new_database(), _servers(sink))
        _hold_to_what_was_sent(sink)
    show(plan, "telemetry", found)
    write(name, found)


def _servers(sink: Server) -> list[ComparedServer]:
    return [
        ComparedServer("without", {}),
        *(
            ComparedServer(
                called,
                {
                    "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry",
                    "MUSTER_TELEMETRY__METRICS": "otlp",
                    "MUSTER_TELEMETRY__TRACES": "off" if share is None else "otlp",
                    "OTEL_TRACES_SAMPLER_ARG": share or "0",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": sink.address,
                },
            )
            for called, share in _SHARES.items()
        ),
    ]


def _hold_to_what_was_sent(sink: Server) -> None:
    with urllib.request.urlopen(sink.address, timeout=10) as answer:
        taken = int(answer.read())
    if not taken:
        raise RuntimeError("the sink was sent nothing: no server has traced")
    say(f"The sink was sent {taken / 1_000_000:.1f} MB.")
