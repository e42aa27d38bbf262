"""The listener that traces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextvars import Token
from random import Random

from structlog.contextvars import bind_contextvars, reset_contextvars

from muster.domain.errors import DomainError
from muster.ports.entropy import Entropy
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    DeliveryActivity,
    Fact,
    RequestActivity,
    StatementActivity,
)
from muster_telemetry.listening import Ear, Listener
from muster_telemetry.spans import CURRENT, Span, Trace
from muster_telemetry.trace_context import RemoteParent, read_trace_parent, written_trace_parent

__all__ = ["Tracer"]

_MOST_SPANS = 1_000
"""Of one trace; what a thousand statements did is not told by the thousand and first."""

_SERVER_ERROR = 500


class Tracer(Listener):
    """Keeps traces while they go on; hands those on that are sampled or have failed."""

    def __init__(
        self,
        hand_on: Callable[[Trace], None],
        sample_share: float,
        entropy: Entropy,
        nanoseconds: Callable[[], int] = time.time_ns,
    ) -> None:
        """Trace.

        Args:
            hand_on: Takes a trace that has ended here, at once: then its spans are forgotten.
            sample_share: Of the traces that begin here, from 0 to 1.
            entropy: Seeds the identifiers, which are no secrets.
            nanoseconds: Returns the present instant, since 1970 in UTC.
        """
        self._hand_on = hand_on
        self._bits = Random(entropy.bits(128)).getrandbits  # noqa: S311 - no secrets
        self._sampled_below = round(sample_share * (1 << 64))
        self._nanoseconds = nanoseconds

    def begin(self, activity: Activity) -> Ear:
        """Begin the span of an activity, within the one around it."""
        around = CURRENT.get()
        if around is None:
            trace = self._new_trace(_remote_parent(activity))
            parent_id = trace.parent_id
        else:
            trace, parent_id = around.trace, around.span_id
        span = Span(trace, self._bits(64), parent_id, activity, self._nanoseconds())
        if len(trace.spans) < _MOST_SPANS:
            trace.spans.append(span)
        return _Traced(self, span)

    def end(self, span: Span, error: BaseException | None) -> None:
        """End a span; with the outermost one, its trace.

        What is begun afterwards, in a task that goes on, is handed on by itself.
        """
        span.ended_ns = self._nanoseconds()
        span.error = error
        trace = span.trace
        if error is not None and _is_failure(error):
            trace.failed = True
        if trace.spans and trace.spans[0] is span:
            if trace.sampled or trace.failed:
                self._hand_on(trace)
            trace.forget()

    def _new_trace(self, parent: RemoteParent | None) -> Trace:
        if parent is not None:
            return Trace(parent.trace_id, parent.span_id, sampled=parent.sampled)
        trace_id = self._bits(128) or 1
        return Trace(trace_id, None, sampled=trace_id & (1 << 64) - 1 < self._sampled_below)


class _Traced(Ear):
    """One activity with its span."""

    __slots__ = ("_bound", "_span", "_token", "_tracer")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._token: Token[Span | None] = CURRENT.set(span)
        self._bound: Mapping[str, Token[object]] | None = None
        # Lines name the outermost activity, a request or a delivery: to bind the ids once more
        # for each that goes on within it would cost a quarter of all tracing.
        if span.trace.spans[0] is span and not isinstance(span.activity, StatementActivity):
            self._bound = bind_contextvars(
                trace_id=f"{span.trace.trace_id:032x}", span_id=f"{span.span_id:016x}"
            )

    @property
    def trace_context(self) -> str:
        span = self._span
        return written_trace_parent(span.trace.trace_id, span.span_id, sampled=span.trace.sampled)

    def note(self, fact: Fact) -> None:
        span = self._span
        span.facts.append(fact)
        if (
            isinstance(fact, Answered)
            and (fact.status == 0 or fact.status >= _SERVER_ERROR)
            and not isinstance(span.activity, CallActivity)
        ):
            span.trace.failed = True

    def end(self, error: BaseException | None, seconds: float) -> None:
        CURRENT.reset(self._token)
        if self._bound is not None:
            reset_contextvars(**self._bound)
        self._tracer.end(self._span, error)


def _remote_parent(activity: Activity) -> RemoteParent | None:
    if isinstance(activity, RequestActivity):
        return read_trace_parent(activity.trace_parent)
    if isinstance(activity, DeliveryActivity):
        return read_trace_parent(activity.recorded.trace_context)
    return None


def _is_failure(error: BaseException) -> bool:
    """Return whether an error is a fault of ours or of what we stand on, and no refusal."""
    if isinstance(error, DomainError):
        return error.retryable
    return not isinstance(error, asyncio.CancelledError | GeneratorExit)
