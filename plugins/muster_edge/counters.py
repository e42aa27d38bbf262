"""Counting requests: several windows at once, and all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from muster_edge.limit_table import Limit

__all__ = ["Charge", "Count", "Counters", "CountersAway", "Tally"]


class Charge(Struct, frozen=True):
    """One window that a request falls into.

    Attributes:
        key: Whose window.
        limit: How much fits into it.
        cost: How much the request takes; 0 asks only whether it is full.
    """

    key: str
    limit: Limit
    cost: int = 1


class Count(Struct, frozen=True):
    """How a window stands.

    Attributes:
        used: How much of it is used.
        seconds_left: Until it closes; its whole length where it is not open yet.
    """

    used: int
    seconds_left: float


class Tally(Struct, frozen=True):
    """What came of counting a request.

    Attributes:
        passed: Whether no window was full; if one was, nothing was counted in any.
        counts: Of each window, in the order in which they were asked.
    """

    passed: bool
    counts: Sequence[Count]


class Counters(Protocol):
    """Where windows are kept."""

    async def charge(self, charges: Sequence[Charge]) -> Tally:
        """Count a request in all of its windows, or in none of them if one is full.

        Raises:
            CountersAway: They cannot be reached.
        """
        ...


class CountersAway(Exception):
    """The place where windows are kept cannot be reached."""
