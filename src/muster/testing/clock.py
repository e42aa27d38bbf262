"""A clock that stands still until it is told otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from muster.ports.clock import Clock

__all__ = ["FakeClock"]


class FakeClock(Clock):
    """Shows the instant that a test has set."""

    def __init__(self, now: datetime) -> None:
        """Set the clock.

        Args:
            now: An aware instant.

        Raises:
            ValueError: The instant has no time zone.
        """
        self.set(now)

    def now(self) -> datetime:
        """Return the instant set, in UTC."""
        return self._now

    def set(self, now: datetime) -> None:
        """Show another instant from now on, later or earlier.

        Raises:
            ValueError: The instant has no time zone.
        """
        if now.tzinfo is None:
            raise ValueError(f"a clock needs an aware instant, not {now}")
        self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Let time pass and return the new instant."""
        self._now += by
        return self._now
