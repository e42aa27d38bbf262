"""One observer for all of telemetry: each concern is a listener, and none wraps another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from time import perf_counter
from types import TracebackType

from muster.ports.observation import Activity, Fact, Gauge, Observer, Watch

__all__ = ["Ear", "Listener", "ListeningObserver"]


class Ear:
    """What a listener keeps while one activity goes on.

    Attributes:
        trace_context: What to hand on, as a ``traceparent``; ``None`` of who does not trace.
    """

    __slots__ = ()

    @property
    def trace_context(self) -> str | None:
        """Return nothing."""
        return None

    def note(self, fact: Fact) -> None:
        """Hear of a fact; by default it is let go."""

    def end(self, error: BaseException | None, seconds: float) -> None:
        """Hear that it has ended, with what left it, and how long it took."""


class Listener(ABC):
    """One concern: hears of activities and gauges."""

    @abstractmethod
    def begin(self, activity: Activity) -> Ear | None:
        """Hear that an activity begins; ``None`` where the rest of it is of no concern."""

    def offered(self, gauge: Gauge) -> None:
        """Hear of a gauge; by default it is let go."""
        return


class ListeningObserver(Observer):
    """Wraps an observer; tells its listeners what it hears.

    They hear of a beginning in their order and of an end in reverse.
    """

    def __init__(self, inner: Observer, listeners: Sequence[Listener]) -> None:
        """Tell these listeners.

        Args:
            inner: Hears everything too.
            listeners: In order.
        """
        self._inner = inner
        self._listeners = tuple(listeners)

    def observing(self, activity: Activity) -> AbstractContextManager[Watch]:
        """Look on."""
        return _Watched(self._listeners, activity, self._inner.observing(activity))

    def offer(self, gauge: Gauge) -> None:
        """Hear of a gauge."""
        for listener in self._listeners:
            listener.offered(gauge)
        self._inner.offer(gauge)


class _Watched(AbstractContextManager[Watch], Watch):
    """One activity; a class and no generator, since there are a dozen of them a request."""

    __slots__ = ("_activity", "_began", "_ears", "_inner", "_inner_watch", "_listeners")

    _began: float
    _ears: list[Ear]
    _inner_watch: Watch

    def __init__(
        self,
        listeners: tuple[Listener, ...],
        activity: Activity,
        inner: AbstractContextManager[Watch],
    ) -> None:
        self._listeners = listeners
        self._activity = activity
        self._inner = inner

    def __enter__(self) -> Watch:
        self._inner_watch = self._inner.__enter__()
        activity = self._activity
        self._ears = [
            ear for listener in self._listeners if (ear := listener.begin(activity)) is not None
        ]
        self._began = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        seconds = perf_counter() - self._began
        for ear in reversed(self._ears):
            ear.end(error, seconds)
        return self._inner.__exit__(kind, error, traceback)

    @property
    def trace_context(self) -> str | None:
        for ear in self._ears:
            if (context := ear.trace_context) is not None:
                return context
        return self._inner_watch.trace_context

    def note(self, fact: Fact) -> None:
        self._inner_watch.note(fact)
        for ear in self._ears:
            ear.note(fact)
