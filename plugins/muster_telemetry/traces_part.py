"""Traces, where they are switched on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace.export import SpanExporter

from muster.plugin_api import LifespanStep, PortLookup
from muster.ports.entropy import ENTROPY
from muster_telemetry.listening import Listener
from muster_telemetry.part import Part
from muster_telemetry.resource import resource_of
from muster_telemetry.settings import TelemetrySettings
from muster_telemetry.span_export import SpanExport, exporter_of
from muster_telemetry.tracing import Tracer

__all__ = ["TracesPart"]


class TracesPart(Part):
    """Listens with a tracer, and sends what it traced."""

    def __init__(
        self,
        settings: TelemetrySettings,
        make_exporter: Callable[[TelemetrySettings], SpanExporter] = exporter_of,
    ) -> None:
        """Prepare; nothing is sent before the step is opened.

        Args:
            settings: Where to, and how many.
            make_exporter: Makes what sends; another one for tests.
        """
        self._settings = settings
        self._export = SpanExport(make_exporter(settings), resource_of(settings))

    def listeners(self, ports: PortLookup) -> Sequence[Listener]:
        """Return the tracer."""
        return [Tracer(self._export.take, self._settings.sample_share, ports.get(ENTROPY))]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what sends spans."""
        return [LifespanStep("span export", lambda _: self._export.opened())]
