"""A plugin that traces like ``telemetry`` and keeps the spans in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanContext

from muster.plugin_api import Layer, LifespanStep, PortLookup, PortWrapper, SettingsLookup, hookimpl
from muster.ports.observation import OBSERVER, Observer
from muster_telemetry.listening import ListeningObserver
from muster_telemetry.plugin import TelemetryPlugin
from muster_telemetry.settings import TelemetrySettings
from muster_telemetry.traces_part import TracesPart

__all__ = ["KeptSpans", "id_of", "trace_id_of"]


class KeptSpans:
    """The spans of an app; complete once it has ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        """The only span of a name."""
        (only,) = self.named(name)
        return only

    def children_of(self, span: ReadableSpan) -> list[ReadableSpan]:
        """What was done within it, in the order of beginning; not what was caused elsewhere."""
        found = [
            one
            for one in self.spans
            if one.parent and not one.parent.is_remote and one.parent.span_id == id_of(span)
        ]
        return sorted(found, key=lambda one: one.start_time or 0)

    def plugin(self) -> type:
        """The plugin; it takes the settings of ``telemetry``."""
        exporter = self._exporter

        class TracesInMemory:
            MANIFEST = TelemetryPlugin.MANIFEST

            def __init__(self) -> None:
                self._part: TracesPart | None = None

            @hookimpl
            def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
                part = self._of(settings)

                def wrap(inner: Observer, ports: PortLookup) -> Observer:
                    return ListeningObserver(part.listeners(ports))

                return [PortWrapper(OBSERVER, Layer.TELEMETRY, "telemetry", wrap)]

            @hookimpl
            def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
                return self._of(settings).steps()

            def _of(self, settings: SettingsLookup) -> TracesPart:
                if self._part is None:
                    section = settings.section(TelemetrySettings)
                    self._part = TracesPart(section, lambda _: exporter)
                return self._part

        return TracesInMemory


def id_of(span: ReadableSpan) -> int:
    return context_of(span).span_id


def trace_id_of(span: ReadableSpan) -> str:
    return f"{context_of(span).trace_id:032x}"


def context_of(span: ReadableSpan) -> SpanContext:
    context = span.get_span_context()
    assert context is not None
    return context
