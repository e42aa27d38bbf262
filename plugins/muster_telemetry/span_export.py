"""Handing traces on to an exporter of OpenTelemetry, off the path of requests."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
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
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from muster_telemetry.export_outages import ExportOutages
from muster_telemetry.last_sending import finished_in_time
from muster_telemetry.records import Record, Trace
from muster_telemetry.settings import TelemetrySettings, TraceExport
from muster_telemetry.span_words import words_of

__all__ = ["SpanExport", "exporter_of", "readable_spans"]

_SCOPE = InstrumentationScope("muster")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_FINE, _FAILED = Status(StatusCode.UNSET), Status(StatusCode.ERROR)
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


def readable_spans(
    trace: Trace, resource: Resource, nanoseconds: Callable[[], int] = time.time_ns
) -> list[ReadableSpan]:
    """Return the spans of a trace as OpenTelemetry has them, in the order of their beginning.

    An activity that has not ended with its trace (a task that went on) ends with it.

    Args:
        trace: Has ended.
        resource: What tells this process from others.
        nanoseconds: Returns the present instant, since 1970 in UTC.
    """
    spans = _Spans(trace, resource, nanoseconds() - time.perf_counter_ns())
    return [spans.of(record) for record in trace.records]


def exporter_of(settings: TelemetrySettings) -> SpanExporter:
    """Return the exporter that the settings choose; not for ``TraceExport.OFF``."""
    if settings.traces is TraceExport.CONSOLE:
        return ConsoleSpanExporter(out=sys.stderr, formatter=_in_one_line)
    # It takes a tenth of a second to import.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    return OTLPSpanExporter(endpoint, headers=settings.otlp_headers, timeout=_PATIENCE_SECONDS)


class _Spans:
    """Makes the spans of one trace."""

    def __init__(self, trace: Trace, resource: Resource, epoch_ns: int) -> None:
        self._trace = trace
        self._resource = resource
        self._epoch_ns = epoch_ns
        self._ended_ns = trace.records[0].ended_ns
        self._contexts: dict[Record, SpanContext] = {}

    def of(self, record: Record) -> ReadableSpan:
        words = words_of(record)
        return ReadableSpan(
            words.name,
            context=self._context(record),
            parent=self._parent_of(record),
            resource=self._resource,
            attributes=words.attributes,
            kind=words.kind,
            status=_FAILED if words.failed else _FINE,
            start_time=self._epoch_ns + record.began_ns,
            end_time=self._epoch_ns + (record.ended_ns or self._ended_ns),
            instrumentation_scope=_SCOPE,
        )

    def _context(self, record: Record) -> SpanContext:
        context = self._contexts.get(record)
        if context is None:
            context = self._contexts[record] = self._named(record.span_id, is_remote=False)
        return context

    def _parent_of(self, record: Record) -> SpanContext | None:
        if record.parent is not None:
            return self._context(record.parent)
        elsewhere = self._trace.parent_id
        return None if elsewhere is None else self._named(elsewhere, is_remote=True)

    def _named(self, span_id: int, *, is_remote: bool) -> SpanContext:
        return SpanContext(self._trace.trace_id, span_id, is_remote, _SAMPLED)


def _in_one_line(span: ReadableSpan) -> str:
    return str(span.to_json(indent=None)) + "\n"
