"""Metrics, where they are switched on."""

from __future__ import annotations

from collections.abc import Sequence

from muster.plugin_api import HttpRoutes, LifespanStep, PortLookup
from muster_telemetry.gauge_readings import GaugeReadings
from muster_telemetry.instruments import Instruments
from muster_telemetry.listening import Listener
from muster_telemetry.measuring import Meter
from muster_telemetry.metrics_route import metrics_route
from muster_telemetry.part import Part
from muster_telemetry.settings import MetricsExport, TelemetrySettings

__all__ = ["MetricsPart"]


class MetricsPart(Part):
    """Listens with a meter, and shows or sends what it measured."""

    def __init__(self, settings: TelemetrySettings) -> None:
        """Make every instrument.

        Args:
            settings: How metrics leave.
        """
        self._settings = settings
        self._instruments = Instruments()
        self._gauges = GaugeReadings(self._instruments, settings.gauge_seconds)
        self._meter = Meter(self._instruments, self._gauges.offered)

    def listeners(self, ports: PortLookup) -> Sequence[Listener]:
        """Return the meter."""
        return [self._meter]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what counts, what reads the gauges, and what sends where nobody scrapes."""
        counting = LifespanStep("counting", lambda _: self._meter.kept_up())
        gauges = LifespanStep("gauges", lambda _: self._gauges.kept())
        if self._settings.metrics is MetricsExport.PROMETHEUS:
            return [counting, gauges]
        return [counting, gauges, self._push()]

    def routes(self) -> Sequence[HttpRoutes]:
        """Return ``GET /metrics``, where Prometheus scrapes; it has a guard of its own."""
        if self._settings.metrics is not MetricsExport.PROMETHEUS:
            return []
        route = metrics_route(self._instruments, self._gauges, self._settings.metrics_token)
        return [HttpRoutes([route], public=True, granted_path="/metrics")]

    def _push(self) -> LifespanStep:
        # OpenTelemetry takes a while to import, and a scraper needs none of it.
        from muster_telemetry.metrics_push import MetricsPush, metric_exporter_of
        from muster_telemetry.resource import resource_of

        push = MetricsPush(
            self._instruments.own,
            metric_exporter_of(self._settings),
            resource_of(self._settings),
            self._settings.push_seconds,
        )
        return LifespanStep("metrics push", lambda _: push.opened())
