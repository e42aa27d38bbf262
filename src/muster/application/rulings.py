"""Rulings: by what and among whom a trainer was chosen, and the receipt that keeps it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.assignment import Judgement
from muster.domain.bookings import Booking
from muster.domain.receipts import NamedVersion, Receipt, ReceiptKind, ReceiptZone, Sighting
from muster.domain.session_changes import SessionChange

__all__ = ["Ruling", "receipt_of"]


class Ruling(Struct, frozen=True):
    """What a receipt keeps of a choice between trainers.

    Attributes:
        policy: The ranking policy.
        rules: The eligibility rules that judged, in order.
        directory: The age of the trainer data.
        zone: The zone and why; ``None`` where it was settled before.
        judgement: Every candidate.
        chosen: Whose time was claimed.
        lost: Those whose time was taken meanwhile.
    """

    policy: NamedVersion
    rules: tuple[NamedVersion, ...]
    directory: Sighting
    zone: ReceiptZone | None
    judgement: Judgement
    chosen: UUID | None
    lost: tuple[UUID, ...]


def receipt_of(
    kind: ReceiptKind,
    booking: Booking,
    at: datetime,
    *,
    ruling: Ruling | None = None,
    reason: str | None = None,
    sessions: tuple[SessionChange, ...] = (),
) -> Receipt:
    """Return the receipt of a change that a booking's ``receipt_id`` names already.

    Args:
        kind: Which change.
        booking: As the change left it.
        at: UTC instant.
        ruling: How its trainer was chosen, where one was.
        reason: Why somebody asked for the change.
        sessions: What it changed.
    """
    assert booking.receipt_id is not None, "the caller has given it one"
    judgement = ruling.judgement if ruling else None
    return Receipt(
        id=booking.receipt_id,
        booking_id=booking.id,
        kind=kind,
        version=booking.version,
        outcome=booking.status,
        created_at=at,
        policy=ruling.policy if ruling else None,
        rules=ruling.rules if ruling else (),
        directory=ruling.directory if ruling else None,
        zone=ruling.zone if ruling else None,
        candidates=judgement.candidates if judgement else (),
        chosen=ruling.chosen if ruling else None,
        lost_claims=ruling.lost if ruling else (),
        ignored_preference=judgement.ignored_preference if judgement else None,
        reason=reason,
        sessions=sessions,
    )
