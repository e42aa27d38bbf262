"""Cancel a booking: its trainer's time is free at once."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from muster.application.access import Permission
from muster.application.errors import NotFound
from muster.application.identifiers import Identifiers
from muster.application.use_case import Deed, DirectCommandCase, Request, Work
from muster.domain.bookings import Booking
from muster.domain.events import BookingCancelled
from muster.domain.lifecycle import cancelled
from muster.domain.receipts import Receipt, ReceiptKind

__all__ = ["CancelBooking", "CancelsBooking"]


class CancelBooking(Request[Booking], frozen=True):
    """Cancel a booking, for a reason if one is given."""

    booking_id: UUID
    reason: str | None = None


class CancelsBooking(DirectCommandCase[CancelBooking]):
    """Cancels what has not been held of a booking; a second time changes nothing."""

    handles = CancelBooking
    permission = Permission.BOOKINGS_CANCEL

    def __init__(self, identifiers: Identifiers) -> None:
        """Make identifiers from this source."""
        self._identifiers = identifiers

    async def perform(self, command: CancelBooking, prepared: None, work: Work) -> Booking:
        """Store the cancelled booking, free its slots, write the receipt."""
        booking = await work.unit.bookings.get(command.booking_id)
        if booking is None:
            raise NotFound("booking", command.booking_id)
        after = cancelled(booking, work.now)
        if after is booking:
            return booking
        after = replace(after, receipt_id=self._identifiers.new())
        await work.unit.bookings.replace(after)
        freed = await work.unit.schedule.release(after.id)
        await work.unit.receipts.add(_receipt(after, command.reason))
        work.record(
            BookingCancelled(after.id, after.zone_id, after.trainer_id),
            Deed(
                subject_kind="booking",
                subject_id=after.id,
                franchise_id=after.franchise_id,
                change={"before": booking.status.value, "freedSlots": freed},
            ),
        )
        return after


def _receipt(booking: Booking, reason: str | None) -> Receipt:
    assert booking.receipt_id is not None, "the caller has given it one"
    return Receipt(
        id=booking.receipt_id,
        booking_id=booking.id,
        kind=ReceiptKind.CANCEL,
        created_at=booking.updated_at,
        policy=None,
        rules=(),
        directory=None,
        zone=None,
        candidates=(),
        chosen=None,
        lost_claims=(),
        ignored_preference=None,
        reason=reason,
    )
