"""Nobody looks on: what stands behind the observer's port until somebody wraps it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from muster.ports.observation import Activity, Fact, Gauge, Observer, Watch

__all__ = ["UNOBSERVED", "Unobserved"]


class _Nobody(Watch):
    @property
    def trace_context(self) -> None:
        return None

    def note(self, fact: Fact) -> None:
        return None


_NOBODY: AbstractContextManager[Watch] = nullcontext(_Nobody())
"""It holds no state, and so one serves every activity at once."""


class Unobserved(Observer):
    """Hears nothing."""

    def observing(self, activity: Activity) -> AbstractContextManager[Watch]:
        """Look away."""
        return _NOBODY

    def offer(self, gauge: Gauge) -> None:
        """Forget it."""


UNOBSERVED = Unobserved()
