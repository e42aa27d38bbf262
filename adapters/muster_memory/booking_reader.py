"""Bookings and receipts in memory, for pages."""

from __future__ import annotations

from uuid import UUID

from muster.domain.bookings import Booking
from muster.domain.receipts import Receipt
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.bookings import (
    BookingFilter,
    BookingOrder,
    BookingReader,
    ReferencedBooking,
)
from muster.ports.paging import Page, PageRequest, Position
from muster_memory.paging import page_of
from muster_memory.store import MemoryStore, line_of

__all__ = ["MemoryBookingReader"]


class MemoryBookingReader(BookingReader):
    """Committed bookings and receipts."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def get(self, booking_id: UUID, scope: Scope = EVERYTHING) -> Booking | None:
        """Return a booking with its sessions."""
        stored = self._store.bookings.get(booking_id)
        return stored.booking if stored and scope.holds_booking(stored.booking) else None

    async def of_session(self, session_id: UUID, scope: Scope = EVERYTHING) -> Booking | None:
        """Return the booking of a session."""
        booking_id = self._store.sessions.get(session_id)
        booking = None if booking_id is None else await self.get(booking_id)
        return booking if scope.holds_session(booking, session_id) else None

    async def by_reference(
        self, reference: str, client_id: UUID | None = None
    ) -> ReferencedBooking | None:
        """Return the booking of a reference of a client, or of the company's."""
        stored = next(self._store.bookings.where("reference", (reference, client_id)), None)
        return None if stored is None else ReferencedBooking(stored.booking, stored.fingerprint)

    async def line(
        self, zone_id: UUID, course_id: UUID, scope: Scope = EVERYTHING
    ) -> tuple[UUID, ...]:
        """Return the bookings waitlisted for a course in a zone, first come first."""
        waiting = [
            _by_age(stored.booking)
            for stored in self._store.bookings.where("line", (zone_id, course_id))
            if scope.holds_booking(stored.booking)
        ]
        return tuple(
            place.id for place in sorted(waiting, key=lambda place: (place.value, place.id.int))
        )

    async def lines(
        self, zone_id: UUID | None = None, scope: Scope = EVERYTHING
    ) -> tuple[tuple[UUID, UUID], ...]:
        """Return the zone and course of every line in which a booking waits, sorted."""
        found = {
            line
            for stored in self._store.bookings.all()
            if (line := line_of(stored.booking)) is not None
            and zone_id in (None, line[0])
            and scope.holds_booking(stored.booking)
        }
        return tuple(sorted(found))

    async def waitlist_position(self, booking: Booking) -> int | None:
        """Return a waitlisted booking's place in its zone's and course's line, from 1."""
        stored = self._store.bookings.get(booking.id)
        line = None if stored is None else line_of(stored.booking)
        if line is None:
            return None
        own_place = _by_age(booking)
        return 1 + sum(
            _is_before(_by_age(other.booking), own_place)
            for other in self._store.bookings.where("line", line)
        )

    async def page(
        self,
        wanted: BookingFilter,
        request: PageRequest[BookingOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Booking]:
        """Return a page of bookings with their sessions."""
        rows = (
            stored.booking
            for stored in self._store.bookings.all()
            if _is_wanted(stored.booking, wanted) and scope.holds_booking(stored.booking)
        )
        by_start = request.order is BookingOrder.START_DATE
        return page_of(rows, request, _by_start if by_start else _by_age)

    async def receipts(self, booking_id: UUID, scope: Scope = EVERYTHING) -> tuple[Receipt, ...]:
        """Return a booking's receipts, by the versions that they made."""
        if await self.get(booking_id, scope) is None:
            return ()
        found = self._store.receipts.where("booking", booking_id)
        return tuple(sorted(found, key=lambda receipt: receipt.version))


def _is_wanted(booking: Booking, wanted: BookingFilter) -> bool:
    zone = booking.zone
    return (
        wanted.status in (None, booking.status)
        and wanted.zone_id in (None, zone and zone.id)
        and wanted.franchise_id in (None, zone and zone.franchise_id)
        and wanted.trainer_id in (None, booking.trainer_id)
        and wanted.course_id in (None, booking.purchase.course_id)
        and (
            wanted.date is None
            or any(session.plan.local_date == wanted.date for session in booking.sessions)
        )
    )


def _is_before(one: Position, other: Position) -> bool:
    return (one.value, one.id.int) < (other.value, other.id.int)


def _by_age(booking: Booking) -> Position:
    return Position(booking.created_at, booking.id)


def _by_start(booking: Booking) -> Position:
    return Position(booking.purchase.start_date, booking.id)
