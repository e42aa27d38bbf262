"""What is kept of an activity: one object, so little that every request can afford it.

Whether a trace is wanted is often known only at its end, when it has failed; and to count and
to time can wait. So each activity leaves its instants and its facts behind, and whoever makes
more of it does so off the path of requests.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from time import perf_counter_ns
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct

from muster.domain.errors import DomainError
from muster.ports.observation import Activity, Answered, Committed, Fact, Repeated
from muster_telemetry.trace_context import written_trace_parent

__all__ = ["CURRENT", "Ear", "Ears", "Raised", "Record", "Trace"]

Ear: TypeAlias = "Callable[[Record], None]"
"""Hears that an activity begins, or that it has ended."""


class Ears(NamedTuple):
    """Who hears of one kind of activity, each in its order."""

    of_begins: tuple[Ear, ...] = ()
    of_ends: tuple[Ear, ...] = ()


class Raised(Struct, frozen=True, gc=False):
    """What left an activity; the error itself would hold all its frames.

    Attributes:
        kind: The name of its class.
        code: In the catalogue, of the core's own errors.
        refusal: Whether it is a rule that spoke, and no fault of ours or of what we stand on.
        broken_off: Whether somebody gave the activity up.
    """

    kind: str
    code: str | None = None
    refusal: bool = False
    broken_off: bool = False

    @classmethod
    def of(cls, error: BaseException) -> Raised:
        """Return what is kept of an error."""
        kind = type(error).__qualname__
        if isinstance(error, DomainError):
            return cls(kind, error.code, refusal=not error.retryable)
        return cls(kind, broken_off=isinstance(error, CancelledError | GeneratorExit))


class Record(Struct, eq=False):
    """One activity: the watch of it, and the record of it afterwards.

    Instants are nanoseconds of ``perf_counter_ns``.

    Attributes:
        activity: What is done.
        ears: Who hears of it.
        began_ns: Its beginning.
        ended_ns: Its end; 0 until then.
        answered: How it was answered, as it was told last.
        facts: What else was told of it, in order.
        raised: What left it.
        trace: That it belongs to; ``None`` where nobody traces.
        parent: The activity around it; of those that are traced.
        inside: Takes back that it is the innermost one.
    """

    activity: Activity
    ears: Ears = Ears()
    began_ns: int = 0
    ended_ns: int = 0
    answered: Answered | None = None
    facts: Sequence[Committed | Repeated] = ()
    raised: Raised | None = None
    trace: Trace | None = None
    parent: Record | None = None
    inside: Token[Record | None] | None = None
    _span_id: int = 0

    def __enter__(self) -> Record:
        """Begin."""
        for hear in self.ears.of_begins:
            hear(self)
        self.began_ns = perf_counter_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, with what leaves it."""
        self.ended_ns = perf_counter_ns()
        if error is not None:
            self.raised = Raised.of(error)
        for hear in self.ears.of_ends:
            hear(self)

    def note(self, fact: Fact) -> None:
        """Keep a fact."""
        if isinstance(fact, Answered):
            self.answered = fact
        else:
            self.facts = (*self.facts, fact)

    @property
    def trace_context(self) -> str | None:
        """What is handed on, as a ``traceparent``; ``None`` where nobody traces."""
        trace = self.trace
        if trace is None:
            return None
        return written_trace_parent(trace.trace_id, self.span_id, sampled=trace.sampled)

    @property
    def span_id(self) -> int:
        """64 bits; most are never asked for, and so only made then. Only of a traced one."""
        if not self._span_id:
            assert self.trace is not None
            self._span_id = self.trace.new_span_id()
        return self._span_id


class Trace(Struct, eq=False):
    """All that one cause brings about in this process.

    Attributes:
        trace_id: 128 bits.
        parent_id: The span elsewhere that caused it; ``None`` where it begins here.
        sampled: Whether it is handed on also when it does not fail.
        new_span_id: Makes an id.
        failed: Whether something failed that is nobody's refusal.
        records: In the order in which they began.
        outermost: The activity with which it ends; ``None`` while there is none.
        in_log: Takes back that its ids stand in the log.
    """

    trace_id: int
    parent_id: int | None
    sampled: bool
    new_span_id: Callable[[], int]
    failed: bool = False
    records: list[Record] = []
    outermost: Record | None = None
    in_log: tuple[Token[Any], ...] = ()

    def forget(self) -> None:
        """Let the records go. A command.

        A trace and its records hold each other: left to the collector of garbage, every request
        would make it walk through the server's heap more often.
        """
        self.records = []
        self.outermost = None


CURRENT: ContextVar[Record | None] = ContextVar("muster_telemetry_record", default=None)
"""The innermost activity that goes on in this task; of those that are traced."""
