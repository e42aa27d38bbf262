"""The story of a booking: one entry for each of its versions, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.receipts import Receipt, ReceiptKind
from muster.domain.session_changes import SessionChange

__all__ = ["HistoryEntry", "history_of"]


class HistoryEntry(Struct, frozen=True):
    """What made one version of a booking.

    Attributes:
        version: Which.
        at: UTC instant.
        kind: The change.
        outcome: The state of the booking from then on.
        reason: Why somebody asked for it, in their words.
        chosen: The trainer who was chosen by it, if one was.
        receipt_id: Where more is to be read; ``None`` where nobody was judged at first.
        sessions: The sessions that it changed; none at the first placement, which made all.
    """

    version: int
    at: datetime
    kind: ReceiptKind
    outcome: BookingStatus
    reason: str | None
    chosen: UUID | None
    receipt_id: UUID | None
    sessions: tuple[SessionChange, ...]


def history_of(booking: Booking, receipts: Sequence[Receipt]) -> tuple[HistoryEntry, ...]:
    """Return the whole story of a booking.

    A booking that was stored before anybody was judged has no receipt of that; it was then
    pending where a zone served it, and unserved demand where none did.

    Args:
        booking: As it is.
        receipts: All of its receipts, by version.
    """
    told = [
        HistoryEntry(
            version=receipt.version,
            at=receipt.created_at,
            kind=receipt.kind,
            outcome=receipt.outcome,
            reason=receipt.reason,
            chosen=receipt.chosen,
            receipt_id=receipt.id,
            sessions=receipt.sessions,
        )
        for receipt in receipts
    ]
    if not told or told[0].version > 1:
        unserved = booking.zone is None
        first = BookingStatus.SERVICE_NOT_AVAILABLE if unserved else BookingStatus.PENDING
        at, kind = booking.created_at, ReceiptKind.PLACE
        told.insert(0, HistoryEntry(1, at, kind, first, None, None, None, ()))
    return tuple(told)
