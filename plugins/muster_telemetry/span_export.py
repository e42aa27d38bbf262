"""Handing traces on to an exporter of OpenTelemetry, off the path of requests."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from muster_telemetry.export_outages import ExportOutages
from muster_telemetry.last_sending import finished_in_time
from muster_telemetry.settings import TelemetrySettings, TraceExport
from muster_telemetry.span_words import words_of
from muster_telemetry.spans import Span, Trace

__all__ = ["SpanExport", "exporter_of", "readable_spans"]

_SCOPE = InstrumentationScope("muster")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_EXPORTER_LOG = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
_PATIENCE_SECONDS = 3.0
"""For sending one batch."""


class SpanExport:
    """Takes traces and sends their spans away in batches, from a thread of its own.

    Where spans come faster than they can be sent, OpenTelemetry drops them and says so in the
    log; no request waits.
    """

    def __init__(self, exporter: SpanExporter, resource: Resource) -> None:
        """Send through an exporter; nothing is sent before ``opened``.

        Args:
            exporter: Sends spans.
            resource: What tells this process from others.
        """
        self._outages = ExportOutages("traces", _EXPORTER_LOG)
        self._exporter = _OutageTelling(exporter, self._outages)
        self._resource = resource
        self._processor: SpanProcessor | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Send while the context is open, then what is left."""
        watching = ExitStack()
        watching.enter_context(self._outages.watched())
        processor: SpanProcessor = BatchSpanProcessor(self._exporter)
        self._processor = processor

        def send_what_is_left() -> None:
            with watching:
                processor.shutdown()

        try:
            yield
        finally:
            self._processor = None
            if not await finished_in_time(send_what_is_left):
                # It gives up its attempts, and the batches that are left.
                self._exporter.shutdown()

    def take(self, trace: Trace) -> None:
        """Take a trace that has ended. A command; one that comes too late is dropped."""
        if self._processor is None:
            return
        for span in readable_spans(trace, self._resource):
            self._processor.on_end(span)


class _OutageTelling(SpanExporter):
    """An exporter whose outages are told once each."""

    def __init__(self, inner: SpanExporter, outages: ExportOutages) -> None:
        self._inner = inner
        self._outages = outages

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        self._outages.sent(result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def readable_spans(trace: Trace, resource: Resource) -> list[ReadableSpan]:
    """Return the spans of a trace as OpenTelemetry has them, in the order of their beginning.

    An activity that has not ended with its trace (a task that went on) ends with it.

    Args:
        trace: Has ended.
        resource: What tells this process from others.
    """
    ended_ns = trace.spans[0].ended_ns
    return [_readable(span, ended_ns, resource) for span in trace.spans]


def exporter_of(settings: TelemetrySettings) -> SpanExporter:
    """Return the exporter that the settings choose; not for ``TraceExport.OFF``."""
    if settings.traces is TraceExport.CONSOLE:
        return ConsoleSpanExporter(out=sys.stderr, formatter=_in_one_line)
    # It takes a tenth of a second to import.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    return OTLPSpanExporter(endpoint, headers=settings.otlp_headers, timeout=_PATIENCE_SECONDS)


def _readable(span: Span, trace_ended_ns: int, resource: Resource) -> ReadableSpan:
    words = words_of(span)
    trace_id = span.trace.trace_id
    parent = span.parent_id
    return ReadableSpan(
        words.name,
        context=SpanContext(trace_id, span.span_id, is_remote=False, trace_flags=_SAMPLED),
        parent=None
        if parent is None
        else SpanContext(trace_id, parent, parent == span.trace.parent_id, _SAMPLED),
        resource=resource,
        attributes=words.attributes,
        kind=SpanKind[words.role],
        status=Status(StatusCode.ERROR if words.failed else StatusCode.UNSET),
        start_time=span.began_ns,
        end_time=span.ended_ns or trace_ended_ns,
        instrumentation_scope=_SCOPE,
    )


def _in_one_line(span: ReadableSpan) -> str:
    return str(span.to_json(indent=None)) + "\n"
