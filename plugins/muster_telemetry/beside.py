"""Two observers side by side: telemetry's own, and one that was there before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from muster.ports.observation import Activity, Fact, Gauge, Observer, Watch

__all__ = ["Beside"]


class Beside(Observer):
    """Tells two observers what it hears."""

    def __init__(self, inner: Observer, outer: Observer) -> None:
        """Tell both.

        Args:
            inner: Hears of a beginning first, and of an end last.
            outer: Its trace is handed on, where both trace.
        """
        self._inner = inner
        self._outer = outer

    @contextmanager
    def observing(self, activity: Activity) -> Iterator[Watch]:
        """Look on."""
        with (
            self._inner.observing(activity) as inner,
            self._outer.observing(activity) as outer,
        ):
            yield _Both(inner, outer)

    def offer(self, gauge: Gauge) -> None:
        """Hear of a gauge."""
        self._outer.offer(gauge)
        self._inner.offer(gauge)


class _Both(Watch):
    def __init__(self, inner: Watch, outer: Watch) -> None:
        self._inner = inner
        self._outer = outer

    @property
    def trace_context(self) -> str | None:
        return self._outer.trace_context or self._inner.trace_context

    def note(self, fact: Fact) -> None:
        self._inner.note(fact)
        self._outer.note(fact)
