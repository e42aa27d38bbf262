"""How many bookings of which sort the demo places."""

from __future__ import annotations

__all__ = ["CROWD", "MOST", "crowds_of", "unserved_of"]

MOST = 400
"""How many at most: each has a zone of its own, so that its outcome is certain."""

CROWD = 3
"""How many compete for the only trainer of a zone."""


def crowds_of(count: int) -> int:
    """Return in how many zones of one trainer several bookings compete."""
    return max(1, count // 20) if count > CROWD else 0


def unserved_of(count: int) -> int:
    """Return how many bookings lie outside of every zone."""
    return max(2, count // 10) if count >= 12 else count // 4
