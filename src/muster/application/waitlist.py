"""Promote a line: whoever waits for a course in a zone is tried again, first come first."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.application.dispatching import Dispatches
from muster.application.retry_booking import RetryBooking, ShowWaitlist
from muster.application.use_case import Caller
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.errors import DomainError

__all__ = ["PromotedLine", "promote_line"]


class PromotedLine(Struct, frozen=True):
    """What became of a line.

    Attributes:
        promoted: Who got a trainer, in the order of the line.
        waiting: Who still waits, in that order.
    """

    promoted: tuple[Booking, ...]
    waiting: tuple[UUID, ...]


async def promote_line(
    dispatcher: Dispatches, caller: Caller, zone_id: UUID, course_id: UUID
) -> PromotedLine:
    """Try everybody in a line again, each in a unit of work of its own.

    Nobody is passed over: who comes earlier is asked earlier. That somebody later in the
    line may fit where an earlier one does not keeps nobody from what they could have. Who is
    refused (the ranking policy of their booking is no more) waits on, and the line goes on.

    Args:
        dispatcher: Runs the use cases.
        caller: On whose behalf.
        zone_id: The zone of the line.
        course_id: The course of the line.
    """
    promoted: list[Booking] = []
    waiting: list[UUID] = []
    for booking_id in await dispatcher.dispatch(ShowWaitlist(zone_id, course_id), caller):
        try:
            booking = await dispatcher.dispatch(RetryBooking(booking_id), caller)
        except DomainError as refusal:
            if refusal.retryable:
                raise
            waiting.append(booking_id)
            continue
        if booking.status is BookingStatus.ASSIGNED:
            promoted.append(booking)
        elif booking.status is BookingStatus.WAITLISTED:
            waiting.append(booking_id)
    return PromotedLine(tuple(promoted), tuple(waiting))
