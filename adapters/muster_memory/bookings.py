"""Bookings and receipts in memory: the repositories."""

from __future__ import annotations

from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.receipts import Receipt
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

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def by_reference(self, reference: str) -> ReferencedBooking | None:
        """Return the booking of a reference; until the unit ends no other unit passes here."""
        await self._transaction.lock("reference", reference)
        stored = self._of_reference(reference)
        return None if stored is None else ReferencedBooking(stored.booking, stored.fingerprint)

    async def add(self, booking: Booking, fingerprint: bytes) -> None:
        """Store a new booking and its sessions."""
        await self._transaction.step()
        reference = booking.purchase.booking_reference
        if reference is not None:
            await self._transaction.lock("reference", reference)
            if self._of_reference(reference) is not None:
                taken = ReferenceConflict("The reference was used before.")
                raise self._transaction.refuse(taken)
        self._transaction.bookings.add(booking.id, StoredBooking(booking, fingerprint))

    async def get(self, booking_id: UUID) -> Booking | None:
        """Return a booking, locked until the unit ends."""
        await self._transaction.lock("booking", booking_id)
        stored = self._transaction.bookings.get(booking_id)
        return None if stored is None else stored.booking

    async def replace(self, booking: Booking) -> None:
        """Store a changed booking."""
        await self._transaction.step()
        self._transaction.require("booking", booking.id, self._transaction.bookings)
        stored = self._transaction.bookings.get(booking.id)
        if stored is None:
            raise LookupError(f"there is no booking {booking.id}")
        self._transaction.bookings.put(booking.id, replace(stored, booking=booking))

    def _of_reference(self, reference: str) -> StoredBooking | None:
        return next(self._transaction.bookings.where("reference", reference), None)


class MemoryReceipts(ReceiptRepository):
    """Receipts within one unit of work."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def add(self, receipt: Receipt) -> None:
        """Store a receipt."""
        await self._transaction.step()
        self._transaction.receipts.add(receipt.id, receipt)
