"""Handing traces on to an exporter of OpenTelemetry, off the path of requests."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
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

from muster_telemetry.backlog import Backlog
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
        self._backlog = Backlog(self._send)

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
            async with self._backlog.kept_short():
                yield
        finally:
            self._processor = None
            if not await finished_in_time(send_what_is_left):
                # It gives up its attempts, and the batches that are left.
                self._exporter.shutdown()

    def take(self, records: Sequence[Record]) -> None:
        """Take a trace that has ended. A command; one that comes too late is dropped."""
        if self._processor is None:
            return
        for record in records:
            self._backlog.take(record)

    def _send(self, records: Iterator[Record]) -> None:
        processor = self._processor
        assert processor is not None, "while it is closed nothing is taken"
        for span in readable_spans(records, self._resource):
            processor.on_end(span)


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
    records: Iterable[Record], resource: Resource, nanoseconds: Callable[[], int] = time.time_ns
) -> Iterator[ReadableSpan]:
    """Yield the spans of activities as OpenTelemetry has them.

    An activity that has not ended with its trace (a task that went on) ends with what is around.

    Args:
        records: Of traces that have ended.
        resource: What tells this process from others.
        nanoseconds: Returns the present instant, since 1970 in UTC.
    """
    epoch_ns = nanoseconds() - time.perf_counter_ns()
    for record in records:
        trace = record.trace
        assert trace is not None
        words = words_of(record)
        yield ReadableSpan(
            words.name,
            context=SpanContext(
                trace.trace_id, record.span_id, is_remote=False, trace_flags=_SAMPLED
            ),
            parent=_parent_of(record, trace),
            resource=resource,
            attributes=words.attributes,
            kind=words.kind,
            status=_FAILED if words.failed else _FINE,
            start_time=epoch_ns + record.began_ns,
            end_time=epoch_ns + _end_of(record),
            instrumentation_scope=_SCOPE,
        )


def exporter_of(settings: TelemetrySettings) -> SpanExporter:
    """Return the exporter that the settings choose; not for ``TraceExport.OFF``."""
    if settings.traces is TraceExport.CONSOLE:
        return ConsoleSpanExporter(out=sys.stderr, formatter=_in_one_line)
    # It takes a tenth of a second to import.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    return OTLPSpanExporter(endpoint, headers=settings.otlp_headers, timeout=_PATIENCE_SECONDS)


def _parent_of(record: Record, trace: Trace) -> SpanContext | None:
    around = record.parent
    span_id = trace.parent_id if around is None else around.span_id
    if span_id is None:
        return None
    return SpanContext(trace.trace_id, span_id, is_remote=around is None, trace_flags=_SAMPLED)


def _end_of(record: Record) -> int:
    while not record.ended_ns and record.parent is not None:
        record = record.parent
    return record.ended_ns


def _in_one_line(span: ReadableSpan) -> str:
    return str(span.to_json(indent=None)) + "\n"
