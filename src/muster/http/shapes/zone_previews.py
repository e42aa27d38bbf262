"""What changes of zones and lines mean, as clients see it."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.application.preview_zone import ZonePreview
from muster.application.waitlist import PromotedLine
from muster.domain.bookings import BookingStatus
from muster.domain.zone_impact import LeftBehind, LeftBehindReason
from muster.http.shapes.bookings import BookingShape, booking_shape
from muster.http.shapes.zones import ZoneShape, zone_shape

__all__ = [
    "ArchiveRequest",
    "LeftBehindShape",
    "PromotedShape",
    "ServingZoneShape",
    "ZonePreviewShape",
    "promoted_shape",
    "zone_preview_shape",
]


class ArchiveRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Whether assigned bookings may go on in a zone that is closed."""

    keep_bookings: bool = False


class ServingZoneShape(Struct, frozen=True):
    """The zone that would serve a place."""

    id: UUID
    name: str


class LeftBehindShape(Struct, frozen=True, rename="camel"):
    """A future booking that would no longer fit its zone, and who would serve it."""

    booking_id: UUID
    status: BookingStatus
    sessions: int
    reason: LeftBehindReason
    served_by: ServingZoneShape | None


class ZonePreviewShape(Struct, frozen=True, rename="camel"):
    """A zone as it would be, and the future bookings that it would leave behind."""

    zone: ZoneShape
    sessions: int
    bookings: int
    students: int
    left_behind: list[LeftBehindShape]


class PromotedShape(Struct, frozen=True):
    """What became of a line: who got a trainer and who still waits, first come first."""

    promoted: list[BookingShape]
    waiting: list[UUID]


def zone_preview_shape(preview: ZonePreview) -> ZonePreviewShape:
    """Show what a change of a zone would leave behind."""
    behind = [one.booking for one in preview.left_behind]
    return ZonePreviewShape(
        zone=zone_shape(preview.zone),
        sessions=sum(booking.sessions for booking in behind),
        bookings=len(behind),
        students=len({student for booking in behind for student in booking.student_ids}),
        left_behind=[_left_behind(one) for one in preview.left_behind],
    )


def promoted_shape(line: PromotedLine) -> PromotedShape:
    """Show what became of a line."""
    return PromotedShape([booking_shape(one) for one in line.promoted], list(line.waiting))


def _left_behind(left: LeftBehind) -> LeftBehindShape:
    zone = left.served_by
    return LeftBehindShape(
        booking_id=left.booking.id,
        status=left.booking.status,
        sessions=left.booking.sessions,
        reason=left.reason,
        served_by=ServingZoneShape(zone.id, zone.name) if zone else None,
    )
