"""Hand sessions of a booking over: one or all that remain, to somebody named or the best."""

from __future__ import annotations

from uuid import UUID

from muster.application.access import Permission
from muster.application.booking_changes import BookingChange, booking_of
from muster.application.errors import InvalidRequest
from muster.application.later_change import LaterChange
from muster.application.later_placement import Ground
from muster.application.use_case import Request, Work
from muster.domain.bookings import Booking
from muster.domain.errors import Fault, IllegalState
from muster.domain.lifecycle import remaining, taken_over
from muster.domain.receipts import ReceiptKind
from muster.domain.scopes import Scope
from muster.domain.sessions import Session

__all__ = ["ReassignBooking", "ReassignsBooking"]


class ReassignBooking(Request[Booking], frozen=True):
    """Hand sessions over.

    Attributes:
        booking_id: Whose sessions.
        session_id: Only this one; ``None`` is all that have not begun.
        trainer_id: To this trainer; ``None`` is the best of those who do not teach them now.
        reason: Why, in the words of whoever asks.
    """

    booking_id: UUID
    session_id: UUID | None = None
    trainer_id: UUID | None = None
    reason: str | None = None


class ReassignsBooking(LaterChange[ReassignBooking, Ground]):
    """Gives sessions to one other trainer, all of them or none."""

    handles = ReassignBooking
    permission = Permission.BOOKINGS_REASSIGN

    async def prepare(self, command: ReassignBooking, scope: Scope) -> Ground:
        """Ask who could teach where the booking is."""
        return await self._ground_of_booking(command.booking_id, scope)

    async def perform(self, command: ReassignBooking, prepared: Ground, work: Work) -> Booking:
        """Free the time of those who taught, claim that of who takes over, store it."""
        before = await booking_of(command.booking_id, work)
        sessions = _sessions_meant(command, before, work)
        teaching = {one.trainer_id for one in sessions if one.trainer_id is not None}
        if all(one.is_taught_by(command.trainer_id) for one in sessions):
            return before
        await work.unit.schedule.release([one.id for one in sessions])
        seating = await self._placements.seat(
            before,
            sessions,
            prepared,
            work.unit.schedule,
            among=command.trainer_id,
            not_among=() if command.trainer_id else teaching,
        )
        after = taken_over(before, sessions, seating.trainer_id, seating.name, work.now)
        change = BookingChange(ReceiptKind.REASSIGN, before, after, command.reason, seating.ruling)
        (stored,) = await self._ledger.store(work, change)
        return stored


def _sessions_meant(command: ReassignBooking, booking: Booking, work: Work) -> tuple[Session, ...]:
    open_to_it = remaining(booking, work.now)
    if command.session_id is not None:
        if all(one.id != command.session_id for one in booking.sessions):
            raise InvalidRequest(
                Fault("sessionId", "NOT_OF_BOOKING", "The booking has no such session.")
            )
        open_to_it = tuple(one for one in open_to_it if one.id == command.session_id)
    if not open_to_it:
        raise IllegalState("No such session of this booking is still to be held by a trainer.")
    return open_to_it
