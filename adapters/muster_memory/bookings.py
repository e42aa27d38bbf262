"""Bookings and receipts in memory: the repositories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.lifecycle import OPEN_SESSIONS
from muster.domain.receipts import Receipt
from muster.domain.scopes import Scope
from muster.domain.zone_impact import FutureBooking
from muster.ports.bookings import (
    BookingRepository,
    ReceiptRepository,
    ReferenceConflict,
    ReferencedBooking,
)
from muster_memory.store import StoredBooking
from muster_memory.transaction import Transaction

__all__ = ["MemoryBookings", "MemoryReceipts"]


class MemoryBookings(BookingRepository):
    """Bookings within one unit of work."""

    def __init__(self, transaction: Transaction, scope: Scope) -> None:
        """Work within a transaction and a scope."""
        self._transaction = transaction
        self._scope = scope

    async def by_reference(
        self, reference: str, client_id: UUID | None = None
    ) -> ReferencedBooking | None:
        """Return the booking of a reference; until the unit ends no other unit passes here."""
        await self._transaction.lock("reference", reference)
        stored = self._of_reference(reference, client_id)
        return None if stored is None else ReferencedBooking(stored.booking, stored.fingerprint)

    async def add(self, booking: Booking, fingerprint: bytes) -> None:
        """Store a new booking and its sessions."""
        await self._transaction.step()
        reference = booking.purchase.booking_reference
        if reference is not None:
            await self._transaction.lock("reference", reference)
            if self._of_reference(reference, booking.client_id) is not None:
                taken = ReferenceConflict("The reference was used before.")
                raise self._transaction.refuse(taken)
        self._transaction.bookings.add(booking.id, StoredBooking(booking, fingerprint))
        self._index_sessions(booking)

    async def get(self, booking_id: UUID) -> Booking | None:
        """Return a booking, locked until the unit ends."""
        await self._transaction.lock("booking", booking_id)
        stored = self._transaction.bookings.get(booking_id)
        if stored is None or not self._scope.holds_booking(stored.booking):
            return None
        return stored.booking

    async def several(self, booking_ids: Sequence[UUID]) -> tuple[Booking, ...]:
        """Return bookings by id, each locked, in order of their ids."""
        in_order = sorted(set(booking_ids), key=lambda id_: id_.int)
        found = [await self.get(booking_id) for booking_id in in_order]
        return tuple(booking for booking in found if booking is not None)

    async def of_session(self, session_id: UUID) -> Booking | None:
        """Return the booking of a session, locked."""
        await self._transaction.step()
        booking_id = self._transaction.sessions.get(session_id)
        booking = None if booking_id is None else await self.get(booking_id)
        return booking if self._scope.holds_session(booking, session_id) else None

    async def future_of_zone(self, zone_id: UUID, now: datetime) -> tuple[FutureBooking, ...]:
        """Return the bookings of a zone with a session that has not begun, oldest first."""
        await self._transaction.step()
        stored = self._transaction.bookings.where("zone", zone_id)
        found = sorted(
            (one.booking for one in stored), key=lambda one: (one.created_at, one.id.int)
        )
        return tuple(
            FutureBooking(
                id=booking.id,
                status=booking.status,
                place=booking.purchase.student_location,
                sessions=ahead,
                student_ids=tuple(student.id for student in booking.purchase.students),
            )
            for booking in found
            if (ahead := _sessions_ahead(booking, now))
        )

    async def replace(self, *bookings: Booking) -> None:
        """Store changed bookings."""
        await self._transaction.step()
        draft = self._transaction.bookings
        for booking in bookings:
            self._transaction.require("booking", booking.id, draft)
            stored = draft.get(booking.id)
            if stored is None:
                raise LookupError(f"there is no booking {booking.id}")
            draft.put(booking.id, replace(stored, booking=booking))
            self._index_sessions(booking)

    def _index_sessions(self, booking: Booking) -> None:
        for session in booking.sessions:
            self._transaction.sessions.put(session.id, booking.id)

    def _of_reference(self, reference: str, client_id: UUID | None) -> StoredBooking | None:
        key = reference, client_id
        return next(self._transaction.bookings.where("reference", key), None)


def _sessions_ahead(booking: Booking, now: datetime) -> int:
    return sum(
        session.status in OPEN_SESSIONS and session.plan.starts_at > now
        for session in booking.sessions
    )


class MemoryReceipts(ReceiptRepository):
    """Receipts within one unit of work."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def add(self, receipt: Receipt) -> None:
        """Store a receipt."""
        await self._transaction.step()
        of_booking = self._transaction.receipts.where("booking", receipt.booking_id)
        if any(other.version == receipt.version for other in of_booking):
            raise ValueError(f"version {receipt.version} of the booking has a receipt")
        self._transaction.receipts.add(receipt.id, receipt)
