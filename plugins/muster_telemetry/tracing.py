"""The listener that traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from structlog.contextvars import bind_contextvars, reset_contextvars

from muster.ports.entropy import Entropy
from muster.ports.observation import (
    Activity,
    DeliveryActivity,
    JobActivity,
    RequestActivity,
    StatementActivity,
)
from muster_telemetry.listening import Listener
from muster_telemetry.records import CURRENT, Ear, Record, Trace
from muster_telemetry.trace_context import read_trace_parent

__all__ = ["Tracer"]

_MOST_RECORDS = 1_000
"""Of one trace; what a thousand statements did is not told by the thousand and first."""

_SERVER_ERROR = 500
_IN_LOG = ("trace_id", "span_id")


class Tracer(Listener):
    """Keeps traces while they go on; hands those on that are sampled or have failed."""

    def __init__(
        self, hand_on: Callable[[Sequence[Record]], None], sample_share: float, entropy: Entropy
    ) -> None:
        """Trace.

        Args:
            hand_on: Takes the records of a trace that has ended here, at once.
            sample_share: Of the traces that begin here, from 0 to 1.
            entropy: Seeds the identifiers, which are no secrets.
        """
        self._hand_on = hand_on
        self._bits = Random(entropy.bits(128)).getrandbits  # noqa: S311 - no secrets
        self._new_span_id = partial(self._bits, 64)
        self._sampled_below = round(sample_share * (1 << 64))
        # What binding by name does, once for all traces: it took a quarter of tracing's time.
        bound = bind_contextvars(**dict.fromkeys(_IN_LOG, ""))
        reset_contextvars(**bound)
        self._trace_id_in_log, self._span_id_in_log = (bound[name].var for name in _IN_LOG)

    def ear_of_begins(self, kind: type[Activity]) -> Ear:
        """Return what puts a record into its trace; within a statement nothing is done."""
        return self._join if kind is StatementActivity else self._begin

    def ear_of_ends(self, kind: type[Activity]) -> Ear:
        """Return what ends a record and, with the outermost one, its trace."""
        if kind is RequestActivity:
            return self._request_ended
        return self._leave if kind is StatementActivity else self._end

    def _join(self, record: Record) -> None:
        record.parent = around = CURRENT.get()
        trace = None if around is None else around.trace
        if trace is None:
            trace = self._new_trace(_handed_on_to(record.activity))
        record.trace = trace
        if trace.outermost is None:
            trace.outermost = record
        if len(trace.records) < _MOST_RECORDS:
            trace.records.append(record)

    def _begin(self, record: Record) -> None:
        self._join(record)
        record.inside = CURRENT.set(record)
        trace = record.trace
        # Lines name the outermost activity, a request or a delivery: to bind the ids once more
        # for each that goes on within it would cost a quarter of all tracing.
        if trace is not None and trace.outermost is record:
            trace.in_log = (
                self._trace_id_in_log.set(trace.trace_id.to_bytes(16).hex()),
                self._span_id_in_log.set(record.span_id.to_bytes(8).hex()),
            )

    def _request_ended(self, record: Record) -> None:
        answered = record.answered
        if answered is not None and (not answered.status or answered.status >= _SERVER_ERROR):
            assert record.trace is not None
            record.trace.failed = True
        self._end(record)

    def _end(self, record: Record) -> None:
        assert record.inside is not None
        CURRENT.reset(record.inside)
        record.inside = None
        trace = record.trace
        if trace is not None and trace.outermost is record:
            for token in trace.in_log:
                token.var.reset(token)
            trace.in_log = ()
        self._leave(record)

    def _leave(self, record: Record) -> None:
        """End a record; with the outermost one, its trace.

        What is begun afterwards, in a task that goes on, is handed on by itself.
        """
        trace, raised = record.trace, record.raised
        assert trace is not None
        if raised is not None and not raised.refusal and not raised.broken_off:
            trace.failed = True
        if trace.outermost is record:
            if trace.sampled or trace.failed:
                self._hand_on(trace.records)
            trace.forget()

    def _new_trace(self, header: str | None) -> Trace:
        if header is not None and (parent := read_trace_parent(header)) is not None:
            return Trace(parent.trace_id, parent.span_id, parent.sampled, self._new_span_id)
        trace_id = self._bits(128) or 1
        sampled = trace_id & (1 << 64) - 1 < self._sampled_below
        return Trace(trace_id, None, sampled, self._new_span_id)


def _handed_on_to(activity: Activity) -> str | None:
    if isinstance(activity, RequestActivity):
        return activity.trace_parent
    if isinstance(activity, DeliveryActivity):
        return activity.recorded.trace_context
    if isinstance(activity, JobActivity):
        return activity.trace_context
    return None
