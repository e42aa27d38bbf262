"""Traces, where they are switched on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.sdk.trace.export import SpanExporter

from muster.plugin_api import Layer, LifespanStep, PortLookup, PortWrapper
from muster.ports.entropy import ENTROPY
from muster.ports.observation import OBSERVER, Observer
from muster_telemetry.part import Part
from muster_telemetry.resource import resource_of
from muster_telemetry.settings import TelemetrySettings
from muster_telemetry.span_export import SpanExport, exporter_of
from muster_telemetry.tracing import TracingObserver

__all__ = ["TracesPart"]


class TracesPart(Part):
    """Wraps the observer by one that traces, and sends what it traced."""

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

    def wrappers(self) -> Sequence[PortWrapper[Any]]:
        """Return the wrapper that traces."""
        return [PortWrapper(OBSERVER, Layer.TELEMETRY, "traces", self._traced)]

    def steps(self) -> Sequence[LifespanStep]:
        """Return what sends spans."""
        return [LifespanStep("span export", lambda _: self._export.opened())]

    def _traced(self, inner: Observer, ports: PortLookup) -> Observer:
        share = self._settings.sample_share
        return TracingObserver(inner, self._export.take, share, ports.get(ENTROPY))
