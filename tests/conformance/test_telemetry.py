"""The listeners of telemetry, one by one and all of them together, held to the suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from muster.ports.observation import OBSERVER, Observer
from muster.testing.app_under_test import make_app
from muster.testing.suites.observer import ObserverSuite
from muster_telemetry.plugin import TelemetryPlugin


class _Composed(ObserverSuite):
    """The observer as an app composes it, with the lifespan open and every trace kept."""

    traces = "off"
    metrics = "off"
    slow_statement_ms = "0"
    sentry_dsn: str | None = None

    @pytest.fixture(scope="class")
    @classmethod
    def composed(cls) -> Iterator[Observer]:
        settings = {
            "OTEL_TRACES_SAMPLER_ARG": "1",
            "MUSTER_TELEMETRY__TRACES": cls.traces,
            "MUSTER_TELEMETRY__METRICS": cls.metrics,
            "MUSTER_TELEMETRY__SLOW_STATEMENT_MS": cls.slow_statement_ms,
        }
        if cls.sentry_dsn is not None:
            settings["SENTRY_DSN"] = cls.sentry_dsn
        app = make_app([TelemetryPlugin], settings)
        (chain,) = (one for one in app.application.ports.chains() if one.port == OBSERVER.name)
        assert chain.wrappers == ("telemetry/telemetry@TELEMETRY",)
        with app.client():
            yield app.application.ports.get(OBSERVER)

    @pytest.fixture
    def observer(self, composed: Observer) -> Observer:
        return composed


class TestMeasuring(_Composed):
    metrics = "prometheus"


class TestTracing(_Composed):
    traces = "console"


class TestTimingStatements(_Composed):
    slow_statement_ms = "100"


class TestReportingErrors(_Composed):
    sentry_dsn = "https://public@localhost/1"


class TestAll(_Composed):
    sentry_dsn = "https://public@localhost/1"
    traces, metrics, slow_statement_ms = "console", "prometheus", "100"
