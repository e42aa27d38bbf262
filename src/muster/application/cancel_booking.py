"""Cancel a booking: its trainer's time is free at once."""

from __future__ import annotations

from uuid import UUID

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange, BookingLedger, booking_of
from muster.application.use_case import DirectCommandCase, Request, Work
from muster.domain.bookings import Booking
from muster.domain.lifecycle import cancelled
from muster.domain.receipts import ReceiptKind
from muster.domain.session_changes import sessions_let_go

__all__ = ["CancelBooking", "CancelsBooking"]


class CancelBooking(Request[Booking], frozen=True):
    """Cancel a booking, for a reason if one is given."""

    booking_id: UUID
    reason: str | None = None


class CancelsBooking(DirectCommandCase[CancelBooking]):
    """Cancels what has not been held of a booking; a second time changes nothing."""

    handles = CancelBooking
    permission = Permission.BOOKINGS_CANCEL

    def __init__(self, ledger: BookingLedger) -> None:
        """Store changes by this ledger."""
        self._ledger = ledger

    async def perform(self, command: CancelBooking, prepared: None, work: Work) -> Booking:
        """Store the cancelled booking, free its slots."""
        before = await booking_of(command.booking_id, work)
        after = cancelled(before, work.now)
        if after is before:
            return before
        await work.unit.schedule.release(sessions_let_go(before, after))
        change = BookingChange(ReceiptKind.CANCEL, before, after, command.reason)
        (stored,) = await self._ledger.store(work, change)
        return stored
