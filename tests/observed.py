"""An observer that keeps what it hears, so that a test can look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from muster.ports.observation import (
    Activity,
    Answered,
    Fact,
    Gauge,
    Observer,
    StatementActivity,
    Watch,
)

__all__ = ["A_TRACE", "Diary", "Seen"]

A_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

A = TypeVar("A", bound=Activity)


class Seen(Watch):
    """One activity.

    Attributes:
        activity: What was done.
        within: The activity around it.
        facts: What was told of it, in order.
        error: What left it.
        ended: Whether it has ended.
    """

    def __init__(
        self,
        activity: Activity,
        within: Seen | None,
        trace_context: str | None,
        heard: Callable[[Fact], None],
    ) -> None:
        self.activity = activity
        self.within = within
        self.facts: list[Fact] = []
        self.error: BaseException | None = None
        self.ended = False
        self._trace_context = trace_context
        self._heard = heard

    @property
    def trace_context(self) -> str | None:
        return self._trace_context

    def note(self, fact: Fact) -> None:
        assert not self.ended, "a fact comes before the end"
        self._heard(fact)
        self.facts.append(fact)

    @property
    def answered(self) -> Answered:
        """The one answer that was told."""
        (only,) = (fact for fact in self.facts if isinstance(fact, Answered))
        return only


class Diary(Observer):
    """Keeps every activity in the order of their beginning, and the last gauge of each name."""

    def __init__(
        self,
        trace_context: str | None = None,
        heard: Callable[[Fact], None] = lambda fact: None,
    ) -> None:
        self.seen: list[Seen] = []
        self.gauges: dict[str, Gauge] = {}
        self._trace_context = trace_context
        self._heard = heard
        self._innermost: ContextVar[Seen | None] = ContextVar("innermost", default=None)

    @contextmanager
    def observing(self, activity: Activity) -> Iterator[Watch]:
        seen = Seen(activity, self._innermost.get(), self._trace_context, self._heard)
        self.seen.append(seen)
        token = self._innermost.set(seen)
        try:
            yield seen
        except BaseException as error:
            seen.error = error
            raise
        finally:
            self._innermost.reset(token)
            seen.ended = True

    def offer(self, gauge: Gauge) -> None:
        self.gauges[gauge.name] = gauge

    def of(self, kind: type[A]) -> list[tuple[A, Seen]]:
        """Every activity of a kind."""
        return [(one.activity, one) for one in self.seen if isinstance(one.activity, kind)]

    @property
    def statements(self) -> list[str]:
        """The text of every statement."""
        return [activity.text for activity, _ in self.of(StatementActivity)]
