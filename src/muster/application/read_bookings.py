"""Queries about bookings, their receipts and a trainer's schedule."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.day_spans import hold_to_span
from muster.application.errors import NotFound
from muster.application.use_case import QueryCase, Request
from muster.domain.bookings import Booking
from muster.domain.history import HistoryEntry, history_of
from muster.domain.receipts import Receipt
from muster.domain.scopes import Scope
from muster.domain.slots import Slot
from muster.ports.bookings import BookingFilter, BookingOrder, BookingReader
from muster.ports.paging import Page, PageRequest
from muster.ports.schedule import ScheduleReader

__all__ = [
    "LONGEST_SCHEDULE_DAYS",
    "BookingInLine",
    "GetBooking",
    "GetHistory",
    "GetReceipts",
    "GetSchedule",
    "GetsBooking",
    "GetsHistory",
    "GetsReceipts",
    "GetsSchedule",
    "ListBookings",
    "ListsBookings",
]

LONGEST_SCHEDULE_DAYS = 400
"""How many days one question about a schedule may span, both ends included."""


class BookingInLine(Struct, frozen=True):
    """A booking, and its place in the line while it is waitlisted."""

    booking: Booking
    waitlist_position: int | None


class GetBooking(Request[BookingInLine], frozen=True):
    """Show a booking."""

    booking_id: UUID


class ListBookings(Request[Page[Booking]], frozen=True):
    """List bookings."""

    wanted: BookingFilter
    page: PageRequest[BookingOrder]


class GetReceipts(Request[tuple[Receipt, ...]], frozen=True):
    """Show why a booking became what it is, oldest reason first."""

    booking_id: UUID


class GetHistory(Request[tuple[HistoryEntry, ...]], frozen=True):
    """Tell what made each version of a booking, in order."""

    booking_id: UUID


class GetSchedule(Request[tuple[Slot, ...]], frozen=True):
    """Show a trainer's claimed time between two local dates, both included."""

    trainer_id: UUID
    from_day: date
    to_day: date


class GetsBooking(QueryCase[GetBooking]):
    """Shows a booking."""

    handles = GetBooking
    permission = Permission.BOOKINGS_READ

    def __init__(self, bookings: BookingReader) -> None:
        """Read from this reader."""
        self._bookings = bookings

    async def answer(self, query: GetBooking, scope: Scope) -> BookingInLine:
        """Return the booking and its place in the line."""
        booking = await self._bookings.get(query.booking_id, scope)
        if booking is None:
            raise NotFound("booking", query.booking_id)
        return BookingInLine(booking, await self._bookings.waitlist_position(booking))


class ListsBookings(QueryCase[ListBookings]):
    """Lists bookings."""

    handles = ListBookings
    permission = Permission.BOOKINGS_READ

    def __init__(self, bookings: BookingReader) -> None:
        """Read from this reader."""
        self._bookings = bookings

    async def answer(self, query: ListBookings, scope: Scope) -> Page[Booking]:
        """Return the page."""
        return await self._bookings.page(query.wanted, query.page, scope)


class GetsReceipts(QueryCase[GetReceipts]):
    """Shows a booking's receipts."""

    handles = GetReceipts
    permission = Permission.BOOKINGS_EXPLAIN

    def __init__(self, bookings: BookingReader) -> None:
        """Read from this reader."""
        self._bookings = bookings

    async def answer(self, query: GetReceipts, scope: Scope) -> tuple[Receipt, ...]:
        """Return the receipts."""
        if receipts := await self._bookings.receipts(query.booking_id, scope):
            return receipts
        if await self._bookings.get(query.booking_id, scope) is None:
            raise NotFound("booking", query.booking_id)
        return ()


class GetsHistory(QueryCase[GetHistory]):
    """Tells the story of a booking."""

    handles = GetHistory
    permission = Permission.BOOKINGS_EXPLAIN

    def __init__(self, bookings: BookingReader) -> None:
        """Read from this reader."""
        self._bookings = bookings

    async def answer(self, query: GetHistory, scope: Scope) -> tuple[HistoryEntry, ...]:
        """Return an entry for each version that the booking has had."""
        booking = await self._bookings.get(query.booking_id, scope)
        if booking is None:
            raise NotFound("booking", query.booking_id)
        return history_of(booking, await self._bookings.receipts(query.booking_id, scope))


class GetsSchedule(QueryCase[GetSchedule]):
    """Shows a trainer's claimed time."""

    handles = GetSchedule
    permission = Permission.SCHEDULES_READ

    def __init__(self, schedule: ScheduleReader) -> None:
        """Read from this reader."""
        self._schedule = schedule

    async def answer(self, query: GetSchedule, scope: Scope) -> tuple[Slot, ...]:
        """Return the live slots."""
        hold_to_span(query.from_day, query.to_day, LONGEST_SCHEDULE_DAYS)
        return await self._schedule.slots(query.trainer_id, query.from_day, query.to_day, scope)
