"""What has happened to bookings, as one server has heard it."""

from __future__ import annotations

from uuid import UUID

from muster.domain.events import BookingCancelled, BookingChanged, BookingPlaced
from muster.plugin_api import HealthReport, HealthStatus, PortLookup, RecordedEvent

__all__ = ["EVENTS", "Diary"]

EVENTS = (BookingPlaced, BookingChanged, BookingCancelled)
"""What goes into the diary."""


class Diary:
    """Remembers events, each once; a real plugin would store them."""

    def __init__(self) -> None:
        """Begin with empty pages."""
        self.most = 0
        self._pages: dict[UUID, tuple[str, UUID]] = {}

    async def hear(self, recorded: RecordedEvent, ports: PortLookup) -> None:
        """Remember an event; one that is told again is known by its id."""
        event = recorded.event
        assert isinstance(event, EVENTS)
        if len(self._pages) < self.most:
            self._pages[recorded.id] = (type(event).__name__, event.booking_id)

    async def health(self, ports: PortLookup) -> HealthReport:
        """Say whether there is room."""
        if len(self._pages) < self.most:
            return HealthReport(HealthStatus.UP)
        return HealthReport(HealthStatus.DEGRADED, "The diary is full.")

    def pages(self) -> list[dict[str, str]]:
        """Return what was heard, in order."""
        return [
            {"id": str(id_), "event": name, "bookingId": str(booking_id)}
            for id_, (name, booking_id) in self._pages.items()
        ]
