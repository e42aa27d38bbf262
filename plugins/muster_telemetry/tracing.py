"""The observer that traces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import Token
from random import Random
from types import TracebackType

from structlog.contextvars import bind_contextvars, reset_contextvars

from muster.domain.errors import DomainError
from muster.ports.entropy import Entropy
from muster.ports.observation import (
    Activity,
    Answered,
    CallActivity,
    DeliveryActivity,
    Fact,
    Gauge,
    Observer,
    RequestActivity,
    StatementActivity,
    Watch,
)
from muster_telemetry.spans import CURRENT, Span, Trace
from muster_telemetry.trace_context import RemoteParent, read_trace_parent, written_trace_parent

__all__ = ["TracingObserver"]

_MOST_SPANS = 1_000
"""Of one trace; what a thousand statements did is not told by the thousand and first."""

_SERVER_ERROR = 500


class TracingObserver(Observer):
    """Wraps an observer; hands traces on that are sampled or have failed."""

    def __init__(
        self,
        inner: Observer,
        hand_on: Callable[[Trace], None],
        sample_share: float,
        entropy: Entropy,
        nanoseconds: Callable[[], int] = time.time_ns,
    ) -> None:
        """Trace what an observer hears of.

        Args:
            inner: Hears it too.
            hand_on: Takes a trace that has ended here, at once: then its spans are forgotten.
            sample_share: Of the traces that begin here, from 0 to 1.
            entropy: Seeds the identifiers, which are no secrets.
            nanoseconds: Returns the present instant, since 1970 in UTC.
        """
        self._inner = inner
        self._hand_on = hand_on
        self._bits = Random(entropy.bits(128)).getrandbits  # noqa: S311 - no secrets
        self._sampled_below = round(sample_share * (1 << 64))
        self._nanoseconds = nanoseconds

    def observing(self, activity: Activity) -> AbstractContextManager[Watch]:
        """Look on."""
        return _Traced(self, activity, self._inner.observing(activity))

    def offer(self, gauge: Gauge) -> None:
        """Hand a gauge on."""
        self._inner.offer(gauge)

    def begin(self, activity: Activity) -> Span:
        """Return the span of an activity that begins now, within the one around it."""
        around = CURRENT.get()
        if around is None:
            trace = self._new_trace(_remote_parent(activity))
            parent_id = trace.parent_id
        else:
            trace, parent_id = around.trace, around.span_id
        span = Span(trace, self._bits(64), parent_id, activity, self._nanoseconds())
        if len(trace.spans) < _MOST_SPANS:
            trace.spans.append(span)
        return span

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


class _Traced(AbstractContextManager[Watch], Watch):
    """One activity, looked at; a class and no generator, since there are a dozen a request."""

    __slots__ = ("_activity", "_bound", "_inner", "_inner_watch", "_observer", "_span", "_token")

    _span: Span
    _token: Token[Span | None]
    _inner_watch: Watch

    def __init__(
        self, observer: TracingObserver, activity: Activity, inner: AbstractContextManager[Watch]
    ) -> None:
        self._observer = observer
        self._activity = activity
        self._inner = inner
        self._bound: dict[str, Token[object]] = {}

    def __enter__(self) -> Watch:
        self._inner_watch = self._inner.__enter__()
        self._span = span = self._observer.begin(self._activity)
        self._token = CURRENT.set(span)
        # Lines name the outermost activity, a request or a delivery: to bind the ids once more
        # for each that goes on within it would cost a quarter of all tracing.
        if span.trace.spans[0] is span and not isinstance(self._activity, StatementActivity):
            self._bound = dict(
                bind_contextvars(
                    trace_id=f"{span.trace.trace_id:032x}", span_id=f"{span.span_id:016x}"
                )
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        CURRENT.reset(self._token)
        if self._bound:
            reset_contextvars(**self._bound)
        self._observer.end(self._span, error)
        return self._inner.__exit__(kind, error, traceback)

    @property
    def trace_context(self) -> str | None:
        span = self._span
        return written_trace_parent(span.trace.trace_id, span.span_id, sampled=span.trace.sampled)

    def note(self, fact: Fact) -> None:
        self._inner_watch.note(fact)
        self._span.facts.append(fact)
        if (
            isinstance(fact, Answered)
            and (fact.status == 0 or fact.status >= _SERVER_ERROR)
            and not isinstance(self._activity, CallActivity)
        ):
            self._span.trace.failed = True


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
