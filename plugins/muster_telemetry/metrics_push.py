"""Sending metrics to whoever does not scrape them: a collector, or the console."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event, Thread

from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    MetricExporter,
    MetricExportResult,
    MetricsData,
)
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry

from muster_telemetry.export_outages import ExportOutages
from muster_telemetry.last_sending import finished_in_time
from muster_telemetry.metrics_data import Span, metrics_data
from muster_telemetry.settings import MetricsExport, TelemetrySettings

__all__ = ["MetricsPush", "metric_exporter_of"]

_EXPORTER_LOG = "opentelemetry.exporter.otlp.proto.http.metric_exporter"
_PATIENCE_SECONDS = 3.0
"""For one sending."""


class MetricsPush:
    """Sends all metrics again and again, and once at the end, from a thread of its own.

    What could not be sent is not kept: the numbers only grow, so the next ones tell it too.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        exporter: MetricExporter,
        resource: Resource,
        seconds: float,
        nanoseconds: Callable[[], int] = time.time_ns,
    ) -> None:
        """Be ready to send.

        Args:
            registry: What is sent: that of this process alone, since each one sends its own.
            exporter: Sends.
            resource: What tells this process from others.
            seconds: How often.
            nanoseconds: Returns the present instant, since 1970 in UTC.
        """
        self._registry = registry
        self._exporter = exporter
        self._resource = resource
        self._seconds = seconds
        self._nanoseconds = nanoseconds
        self._began_ns = nanoseconds()
        self._outages = ExportOutages("metrics", _EXPORTER_LOG)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Send while the context is open, then what was counted last."""
        ending = Event()
        # It keeps no process alive, however long a collector lets it wait.
        sender = Thread(
            target=self._keep_sending, args=(ending,), name="metrics of telemetry", daemon=True
        )
        sender.start()
        try:
            yield
        finally:
            ending.set()
            await finished_in_time(sender.join)
            self._exporter.shutdown()

    def _keep_sending(self, ending: Event) -> None:
        with self._outages.watched():
            while not ending.wait(self._seconds):
                self._send()
            self._send()

    def _send(self) -> None:
        span = Span(self._began_ns, self._nanoseconds())
        try:
            sent = self._exporter.export(metrics_data(self._registry, self._resource, span))
        except Exception:  # noqa: BLE001 - whatever an exporter raises, it has not sent
            sent = MetricExportResult.FAILURE
        self._outages.sent(sent is MetricExportResult.SUCCESS)


def metric_exporter_of(settings: TelemetrySettings) -> MetricExporter:
    """Return the exporter that the settings choose, ``console`` or ``otlp``."""
    if settings.metrics is MetricsExport.CONSOLE:
        return ConsoleMetricExporter(out=sys.stderr, formatter=_in_one_line)
    # It takes a tenth of a second to import.
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/metrics"
    return OTLPMetricExporter(endpoint, headers=settings.otlp_headers, timeout=_PATIENCE_SECONDS)


def _in_one_line(data: MetricsData) -> str:
    return data.to_json(indent=None) + "\n"
