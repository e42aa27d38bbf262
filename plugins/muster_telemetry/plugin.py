"""The plugin: how telemetry comes into Muster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from muster.plugin_api import (
    HttpRoutes,
    Layer,
    LifespanStep,
    Manifest,
    PortLookup,
    PortWrapper,
    SettingsLookup,
    hookimpl,
)
from muster.ports.observation import OBSERVER, Observer
from muster.ports.unobserved import UNOBSERVED
from muster_telemetry.beside import Beside
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.part import Part
from muster_telemetry.settings import MetricsExport, TelemetrySettings, TraceExport

__all__ = ["TelemetryPlugin"]


class TelemetryPlugin:
    """Traces, metrics, slow statements, error reports; each app has an instance of its own.

    What is switched off wraps nothing, and its libraries are not imported.
    """

    MANIFEST: ClassVar[Manifest] = Manifest(
        name="telemetry", api_version=1, settings=TelemetrySettings
    )

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._parts: tuple[Part, ...] | None = None

    @hookimpl
    def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
        """Wrap the observer, once for all parts."""
        parts = self._parts_of(settings)
        if not parts:
            return []

        def wrap(inner: Observer, ports: PortLookup) -> Observer:
            listeners = (one for part in parts for one in part.listeners(ports))
            own = ListeningObserver(tuple(listeners))
            return own if inner is UNOBSERVED else Beside(inner, own)

        return [PortWrapper(OBSERVER, Layer.TELEMETRY, "telemetry", wrap)]

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Read gauges and tell what was seen, while the app runs."""
        return [step for part in self._parts_of(settings) for step in part.steps()]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer ``GET /metrics``."""
        return [routes for part in self._parts_of(settings) for routes in part.routes()]

    def _parts_of(self, settings: SettingsLookup) -> tuple[Part, ...]:
        if self._parts is None:
            self._parts = tuple(_parts(settings.section(TelemetrySettings)))
        return self._parts


def _parts(settings: TelemetrySettings) -> Iterator[Part]:
    # The tracer first: while the others listen, the ids of the trace stand in every log line.
    if settings.traces is not TraceExport.OFF:
        from muster_telemetry.traces_part import TracesPart

        yield TracesPart(settings)
    if settings.metrics is not MetricsExport.OFF:
        from muster_telemetry.metrics_part import MetricsPart

        yield MetricsPart(settings)
    if settings.slow_statement_ms:
        from muster_telemetry.slow_statements_part import SlowStatementsPart

        yield SlowStatementsPart(settings)
    if settings.sentry_dsn is not None:
        from muster_telemetry.sentry_part import SentryPart

        yield SentryPart(settings.sentry_dsn)
