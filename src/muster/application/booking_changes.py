"""Store a change of bookings: what they became, the receipts, what is told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from muster.application.deeds import change_between
from muster.application.errors import NotFound
from muster.application.identifiers import Identifiers
from muster.application.rulings import Ruling, receipt_of
from muster.application.use_case import Deed, Work
from muster.domain.bookings import Booking
from muster.domain.events import BookingCancelled, BookingChanged
from muster.domain.receipts import ReceiptKind
from muster.domain.session_changes import changes_between

__all__ = [
    "BookingChange",
    "BookingLedger",
    "audited_booking",
    "booking_of",
    "booking_of_session",
]


class BookingChange(Struct, frozen=True):
    """One booking before and after one change.

    Attributes:
        kind: As its receipt is called.
        before: As it was.
        after: What it became; its version is the next one.
        reason: Why somebody asked for it.
        ruling: How its trainer was chosen, where one was.
    """

    kind: ReceiptKind
    before: Booking
    after: Booking
    reason: str | None = None
    ruling: Ruling | None = None


class BookingLedger:
    """Stores changes of bookings, each with its receipt, its event and its audit entry."""

    def __init__(self, identifiers: Identifiers) -> None:
        """Make receipts' identifiers from this source."""
        self._identifiers = identifiers

    async def store(self, work: Work, *changes: BookingChange) -> tuple[Booking, ...]:
        """Store changes of different bookings; slots are the caller's.

        Args:
            work: The run of the use case.
            changes: At most one for each booking.

        Returns:
            The bookings as stored, in the order of the changes.
        """
        ids = self._identifiers.several(len(changes))
        stored = tuple(
            replace(change.after, receipt_id=id_) for change, id_ in zip(changes, ids, strict=True)
        )
        await work.unit.bookings.replace(*stored)
        for change, booking in zip(changes, stored, strict=True):
            touched = changes_between(change.before, booking)
            receipt = receipt_of(
                change.kind,
                booking,
                work.now,
                ruling=change.ruling,
                reason=change.reason,
                sessions=touched,
            )
            await work.keep(receipt)
            numbers = [one.number for one in touched]
            work.record(_event(change.kind, booking), _deed(change, booking, numbers))
            work.changes.append((change.before, booking))
        return stored


async def booking_of(booking_id: UUID, work: Work) -> Booking:
    """Return a booking to be changed, locked.

    Raises:
        NotFound: There is none.
    """
    booking = await work.unit.bookings.get(booking_id)
    if booking is None:
        raise NotFound("booking", booking_id)
    return booking


async def booking_of_session(session_id: UUID, work: Work) -> Booking:
    """Return the booking of a session to be changed, locked.

    Raises:
        NotFound: There is no such session.
    """
    booking = await work.unit.bookings.of_session(session_id)
    if booking is None:
        raise NotFound("session", session_id)
    return booking


def _event(kind: ReceiptKind, booking: Booking) -> BookingCancelled | BookingChanged:
    if kind is ReceiptKind.CANCEL:
        return BookingCancelled(booking.id, booking.zone_id, booking.trainer_id)
    return BookingChanged(
        booking_id=booking.id,
        kind=kind,
        version=booking.version,
        status=booking.status,
        zone_id=booking.zone_id,
        trainer_id=booking.trainer_id,
    )


def _deed(change: BookingChange, booking: Booking, numbers: list[int]) -> Deed:
    return Deed(
        subject_kind="booking",
        subject_id=booking.id,
        franchise_id=booking.franchise_id,
        change=change_between(
            audited_booking(change.before),
            audited_booking(booking),
            kind=change.kind.value,
            sessions=numbers,
        ),
    )


def audited_booking(booking: Booking) -> dict[str, Any]:
    """Return what the audit trail keeps of a booking; its receipts have the rest."""
    return {
        "status": booking.status.value,
        "zoneId": booking.zone_id and str(booking.zone_id),
        "trainerId": booking.trainer_id and str(booking.trainer_id),
        "version": booking.version,
    }
