"""Events: what has happened, told to others after the commit.

An event carries identifiers and outcomes, never personal data.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus
from muster.domain.certificates import CertificateStatus
from muster.domain.receipts import ReceiptKind

__all__ = [
    "BookingCancelled",
    "BookingChanged",
    "BookingPlaced",
    "CertificateIssued",
    "CertificateReissued",
    "CertificateRestored",
    "CertificateRevoked",
    "CertificateSuspended",
    "Event",
    "FranchiseChanged",
    "FranchiseCreated",
    "TrainerBlocked",
    "TrainerUnblocked",
    "ZoneArchived",
    "ZoneChanged",
    "ZoneCreated",
    "subject_of",
]

_SUBJECTS = ("booking_id", "zone_id", "trainer_id", "franchise_id")


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


class BookingChanged(Struct, frozen=True, tag=True, tag_field="event"):
    """A booking changed after it was placed; the receipt of that version tells all of it."""

    booking_id: UUID
    kind: ReceiptKind
    version: int
    status: BookingStatus
    zone_id: UUID | None
    trainer_id: UUID | None


class TrainerBlocked(Struct, frozen=True, tag=True, tag_field="event"):
    """A trainer's time was blocked; the sessions under it are stranded."""

    trainer_id: UUID
    block_id: UUID


class TrainerUnblocked(Struct, frozen=True, tag=True, tag_field="event"):
    """A block of a trainer's time was removed; the time is free."""

    trainer_id: UUID
    block_id: UUID


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


class CertificateIssued(Struct, frozen=True, tag=True, tag_field="event"):
    """A student has earned a certificate."""

    certificate_id: UUID
    booking_id: UUID
    student_id: UUID


class CertificateSuspended(Struct, frozen=True, tag=True, tag_field="event"):
    """A certificate is worth nothing until a voided completion is restored."""

    certificate_id: UUID
    booking_id: UUID
    student_id: UUID


class CertificateRestored(Struct, frozen=True, tag=True, tag_field="event"):
    """A suspended certificate is valid again."""

    certificate_id: UUID
    booking_id: UUID
    student_id: UUID


class CertificateRevoked(Struct, frozen=True, tag=True, tag_field="event"):
    """A certificate was revoked, for ever."""

    certificate_id: UUID
    booking_id: UUID
    student_id: UUID


class CertificateReissued(Struct, frozen=True, tag=True, tag_field="event"):
    """A certificate was issued in another one's place."""

    certificate_id: UUID
    superseded_id: UUID
    booking_id: UUID
    student_id: UUID
    status: CertificateStatus


Event = (
    BookingPlaced
    | BookingCancelled
    | BookingChanged
    | TrainerBlocked
    | TrainerUnblocked
    | ZoneCreated
    | ZoneChanged
    | ZoneArchived
    | FranchiseCreated
    | FranchiseChanged
    | CertificateIssued
    | CertificateSuspended
    | CertificateRestored
    | CertificateRevoked
    | CertificateReissued
)
"""Every event there is; ``docs/events.md`` lists them."""


def subject_of(event: Event) -> UUID:
    """Return what an event is about: its booking, else its zone, trainer or franchise.

    Whoever is told of events hears those of one subject in order.
    """
    field = next(field for field in _SUBJECTS if field in event.__struct_fields__)
    subject: UUID = getattr(event, field)
    return subject
