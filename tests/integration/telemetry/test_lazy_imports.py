"""What is switched off is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

_COMPOSE = """
import sys
from muster.runtime.asgi import create_asgi
from muster.runtime.bootstrap import bootstrap

create_asgi(bootstrap({
    "DATABASE_URL": "postgresql://localhost/muster", "TRAINER_SERVICE_URL": "http://localhost:9",
    "MUSTER_PLUGINS__ENABLED": sys.argv[1], **dict(one.split("=") for one in sys.argv[2:]),
}))
# Litestar imports the empty package ``opentelemetry`` wherever it is installed.
heavy = ("opentelemetry.sdk", "prometheus_client", "sentry_sdk", "google.protobuf", "requests")
print(*[name for name in (*heavy, "muster_telemetry") if name in sys.modules])
"""
_ALONE, _WITH = "postgres,trainer_http", "postgres,trainer_http,telemetry"
_NO_METRICS, _NO_TRACES = "MUSTER_TELEMETRY__METRICS=off", "MUSTER_TELEMETRY__TRACES=off"


@pytest.mark.parametrize(
    ("enabled", "settings", "imported"),
    [
        (_ALONE, [], set()),
        (_WITH, [_NO_METRICS, _NO_TRACES], {"muster_telemetry"}),
        (_WITH, [], {"muster_telemetry", "prometheus_client"}),
        (
            _WITH,
            [_NO_METRICS, "MUSTER_TELEMETRY__TRACES=console"],
            {"muster_telemetry", "opentelemetry.sdk"},
        ),
    ],
)
def test_only_what_is_switched_on(enabled: str, settings: list[str], imported: set[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _COMPOSE, enabled, *settings],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(run.stdout.split()) == imported
