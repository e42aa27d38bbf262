"""Events: what has happened, told to others after the commit.

An event carries identifiers and outcomes, never personal data.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus

__all__ = [
    "BookingCancelled",
    "BookingPlaced",
    "Event",
    "FranchiseChanged",
    "FranchiseCreated",
    "ZoneArchived",
    "ZoneChanged",
    "ZoneCreated",
]


class BookingPlaced(Struct, frozen=True, tag=True, tag_field="event"):
    """A booking was stored, with the outcome of its first placement."""

    booking_id: UUID
    status: BookingStatus
    zone_id: UUID | None
    trainer_id: UUID | None


class BookingCancelled(Struct, frozen=True, tag=True, tag_field="event"):
    """A booking was cancelled and its slots are free."""

    booking_id: UUID
    zone_id: UUID | None
    trainer_id: UUID | None


class ZoneCreated(Struct, frozen=True, tag=True, tag_field="event"):
    """A zone was opened."""

    zone_id: UUID
    version: int


class ZoneChanged(Struct, frozen=True, tag=True, tag_field="event"):
    """A zone was edited; places may be served by another zone now."""

    zone_id: UUID
    version: int


class ZoneArchived(Struct, frozen=True, tag=True, tag_field="event"):
    """A zone was closed to new bookings."""

    zone_id: UUID
    version: int


class FranchiseCreated(Struct, frozen=True, tag=True, tag_field="event"):
    """A franchise was admitted."""

    franchise_id: UUID


class FranchiseChanged(Struct, frozen=True, tag=True, tag_field="event"):
    """A franchise was edited."""

    franchise_id: UUID


Event = (
    BookingPlaced
    | BookingCancelled
    | ZoneCreated
    | ZoneChanged
    | ZoneArchived
    | FranchiseCreated
    | FranchiseChanged
)
"""Every event there is; ``docs/events.md`` lists them."""
