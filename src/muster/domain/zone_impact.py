"""What the change of a zone would mean for bookings that are still to be taught there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus
from muster.domain.errors import DomainError
from muster.domain.geography import Point
from muster.domain.zone_choice import choose_zone
from muster.domain.zones import Zone, covers

__all__ = [
    "FutureBooking",
    "LeftBehind",
    "LeftBehindReason",
    "ZoneHasBookings",
    "left_behind",
    "refuse_to_leave_behind",
]


class ZoneHasBookings(DomainError):
    """Assigned bookings would be left outside their zone, and nobody said that they may."""

    code: ClassVar[str] = "ZONE_HAS_BOOKINGS"


class FutureBooking(Struct, frozen=True):
    """A booking with sessions that have not begun.

    Attributes:
        id: The booking.
        status: Assigned, or waiting.
        place: Where its offline lessons are held.
        sessions: How many have not begun.
        student_ids: Those who are taught.
    """

    id: UUID
    status: BookingStatus
    place: Point
    sessions: int
    student_ids: tuple[UUID, ...]


class LeftBehindReason(Enum):
    """Why a booking no longer fits its zone."""

    NOT_COVERED = "NOT_COVERED"
    OTHER_TIME_ZONE = "OTHER_TIME_ZONE"


class LeftBehind(Struct, frozen=True):
    """A future booking that no longer fits its zone.

    Attributes:
        booking: Which. An assigned one keeps its trainer and its times all the same; a
            waiting one is tried again wherever its place is served.
        reason: Why it does not fit.
        served_by: The zone that would serve its place now; ``None`` when none would.
    """

    booking: FutureBooking
    reason: LeftBehindReason
    served_by: Zone | None


def left_behind(
    before: Zone,
    after: Zone,
    bookings: Iterable[tuple[FutureBooking, Sequence[Zone]]],
) -> tuple[LeftBehind, ...]:
    """Return the future bookings of a zone that a change leaves behind.

    Args:
        before: The zone as it is.
        after: The zone as it would be.
        bookings: Each with the active zones that cover its place as they are.
    """
    found = []
    for booking, covering in bookings:
        reason = _reason(before, after, booking)
        if reason is not None:
            zones = [after if zone.id == after.id else zone for zone in covering]
            chosen = choose_zone(booking.place, zones).chosen
            found.append(LeftBehind(booking, reason, chosen.zone if chosen else None))
    return tuple(found)


def refuse_to_leave_behind(before: Zone, after: Zone, bookings: Iterable[FutureBooking]) -> None:
    """Refuse a change that leaves assigned bookings behind.

    Raises:
        ZoneHasBookings: It does.
    """
    count = sum(
        booking.status is BookingStatus.ASSIGNED and _reason(before, after, booking) is not None
        for booking in bookings
    )
    if count:
        raise ZoneHasBookings(
            f"{count} assigned booking(s) would be left outside the zone. A preview shows them; "
            "with keepBookings they keep their trainers and times."
        )


def _reason(before: Zone, after: Zone, booking: FutureBooking) -> LeftBehindReason | None:
    if not covers(after, booking.place):
        # Who was left outside before, and kept, is not left behind once more.
        return LeftBehindReason.NOT_COVERED if covers(before, booking.place) else None
    if after.time_zone != before.time_zone:
        return LeftBehindReason.OTHER_TIME_ZONE
    return None
