"""What is kept of a trace while it goes on: so little that every request can afford it.

Whether a trace is wanted is often known only at its end, when it has failed. So each activity
leaves its instants and its facts behind, and only of a trace that is handed on spans are made.
"""

from __future__ import annotations

from contextvars import ContextVar

from muster.ports.observation import Activity, Fact

__all__ = ["CURRENT", "Span", "Trace"]


class Trace:
    """All that one cause brings about in this process.

    Attributes:
        trace_id: 128 bits.
        sampled: Whether it is handed on also when it does not fail.
        parent_id: The span elsewhere that caused it; ``None`` where it begins here.
        spans: In the order in which they began.
        failed: Whether something failed that is nobody's refusal.
    """

    __slots__ = ("failed", "parent_id", "sampled", "spans", "trace_id")

    def __init__(self, trace_id: int, parent_id: int | None, *, sampled: bool) -> None:
        """Begin with no span."""
        self.trace_id = trace_id
        self.parent_id = parent_id
        self.sampled = sampled
        self.spans: list[Span] = []
        self.failed = False

    def forget(self) -> None:
        """Let the spans go. A command.

        A trace and its spans hold each other, and an error its frames: left to the collector of
        garbage, every request would make it walk through the server's heap more often.
        """
        for span in self.spans:
            span.error = None
        self.spans.clear()


class Span:
    """One activity of a trace.

    Attributes:
        trace: That it belongs to.
        span_id: 64 bits.
        parent_id: Of the span around it, here or elsewhere.
        activity: What was done.
        began_ns: UTC instant, in nanoseconds since 1970.
        ended_ns: The same of its end; 0 until then.
        facts: What was told of it, in order.
        error: What left it.
    """

    __slots__ = (
        "activity",
        "began_ns",
        "ended_ns",
        "error",
        "facts",
        "parent_id",
        "span_id",
        "trace",
    )

    def __init__(
        self,
        trace: Trace,
        span_id: int,
        parent_id: int | None,
        activity: Activity,
        began_ns: int,
    ) -> None:
        """Begin."""
        self.trace = trace
        self.span_id = span_id
        self.parent_id = parent_id
        self.activity = activity
        self.began_ns = began_ns
        self.ended_ns = 0
        self.facts: list[Fact] = []
        self.error: BaseException | None = None


CURRENT: ContextVar[Span | None] = ContextVar("muster_telemetry_span", default=None)
"""The innermost activity that goes on in this task."""
