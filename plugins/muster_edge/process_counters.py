"""Windows of this process alone, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from muster_edge.counters import Charge, Count, Tally

__all__ = ["MOST_WINDOWS", "ProcessCounters"]

MOST_WINDOWS = 100_000
"""How many windows are kept, about 20 MB; then the oldest ones go."""


class _Window(Struct):
    used: int
    ends: float


class ProcessCounters:
    """Counters in this process."""

    def __init__(self, monotonic: Callable[[], float], most_windows: int = MOST_WINDOWS) -> None:
        """Begin with no window.

        Args:
            monotonic: Returns seconds that never go back.
            most_windows: How many are kept.
        """
        self._monotonic = monotonic
        self._most = most_windows
        self._windows: dict[str, _Window] = {}

    def __len__(self) -> int:
        """Return how many windows are kept."""
        return len(self._windows)

    async def charge(self, charges: Sequence[Charge]) -> Tally:
        """Count a request; nothing else runs meanwhile."""
        now = self._monotonic()
        passed = all(self._used(charge.key, now) < charge.limit.requests for charge in charges)
        return Tally(passed, [self._count(charge, now, counts=passed) for charge in charges])

    def _used(self, key: str, now: float) -> int:
        window = self._open(key, now)
        return window.used if window else 0

    def _count(self, charge: Charge, now: float, *, counts: bool) -> Count:
        window = self._open(charge.key, now)
        if counts and charge.cost:
            window = window or self._begin(charge, now)
            window.used += charge.cost
        if window is None:
            return Count(0, float(charge.limit.seconds))
        return Count(window.used, window.ends - now)

    def _open(self, key: str, now: float) -> _Window | None:
        window = self._windows.get(key)
        return window if window is not None and window.ends > now else None

    def _begin(self, charge: Charge, now: float) -> _Window:
        self._windows.pop(charge.key, None)
        if len(self._windows) >= self._most:
            self._make_room(now)
        window = self._windows[charge.key] = _Window(0, now + charge.limit.seconds)
        return window

    def _make_room(self, now: float) -> None:
        self._windows = {key: one for key, one in self._windows.items() if one.ends > now}
        # Of a dict the first ones are the oldest; a tenth, so that this is not done for each.
        surplus = len(self._windows) - self._most * 9 // 10
        for key in list(self._windows)[: max(0, surplus)]:
            del self._windows[key]
