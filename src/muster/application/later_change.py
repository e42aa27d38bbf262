"""What changes of a booking's trainers or times stand on."""

from __future__ import annotations

from typing import Any, Generic, TypeVar
from uuid import UUID

from muster.application.booking_changes import BookingLedger
from muster.application.errors import NotFound
from muster.application.later_placement import Ground, LaterPlacements
from muster.application.use_case import CommandCase, Request
from muster.domain.scopes import Scope
from muster.ports.bookings import BookingReader

__all__ = ["LaterChange"]

C = TypeVar("C", bound="Request[Any]")
P = TypeVar("P")


class LaterChange(CommandCase[C, P], Generic[C, P]):
    """A use case that gives sessions of a booking under way a trainer or a time."""

    def __init__(
        self, placements: LaterPlacements, bookings: BookingReader, ledger: BookingLedger
    ) -> None:
        """Work with these.

        Args:
            placements: Judges and claims.
            bookings: Says where a booking is, before a transaction opens.
            ledger: Stores changes.
        """
        self._placements = placements
        self._bookings = bookings
        self._ledger = ledger

    async def _ground_of_booking(self, booking_id: UUID, scope: Scope) -> Ground:
        """Ask who could teach where a booking is.

        Raises:
            NotFound: There is no such booking.
        """
        booking = await self._bookings.get(booking_id, scope)
        if booking is None:
            raise NotFound("booking", booking_id)
        return await self._placements.ground_of(booking)

    async def _ground_of_session(self, session_id: UUID, scope: Scope) -> Ground:
        """Ask who could teach where a session's booking is.

        Raises:
            NotFound: There is no such session.
        """
        booking = await self._bookings.of_session(session_id, scope)
        if booking is None:
            raise NotFound("session", session_id)
        return await self._placements.ground_of(booking)
