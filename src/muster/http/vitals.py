"""What the health routes look at: the clock, the start, the readiness."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from muster.http.readiness import Readiness
from muster.ports.clock import Clock

__all__ = ["Vitals"]


class Vitals(Struct, frozen=True):
    """How long this server has been up, and whether it can work.

    Attributes:
        clock: For the present instant.
        started_at: UTC instant of the start.
        readiness: Asks the dependencies.
    """

    clock: Clock
    started_at: datetime
    readiness: Readiness

    def now(self) -> datetime:
        """Return the present UTC instant."""
        return self.clock.now()

    def uptime_seconds(self, now: datetime) -> float:
        """Return the seconds since the start."""
        return round((now - self.started_at).total_seconds(), 3)
