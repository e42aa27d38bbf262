"""Bookings and receipts in PostgreSQL, for pages."""

from __future__ import annotations

from uuid import UUID

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.receipts import Receipt
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.bookings import BookingFilter, BookingOrder, BookingReader, ReferencedBooking
from muster.ports.paging import Page, PageRequest
from muster_postgres.booking_rows import OF_REFERENCE, SELECT_BOOKING, booking_from
from muster_postgres.database import Database
from muster_postgres.keyset import PageQuery
from muster_postgres.receipt_rows import RECEIPT_COLUMNS, receipt_from
from muster_postgres.scoping import booking_bounds

__all__ = ["PostgresBookingReader"]

_COLUMNS = {BookingOrder.CREATED_AT: "created_at", BookingOrder.START_DATE: "start_date"}

_WITH_SESSION_ON = """
    EXISTS (SELECT FROM booking_sessions AS on_day
            WHERE on_day.booking_id = bookings.id AND on_day.local_date = {})
"""

_WAITLIST_POSITION = """
    SELECT count(*) AS position
    FROM bookings AS own JOIN bookings AS waiting
        ON waiting.zone_id = own.zone_id AND waiting.course_id = own.course_id
        AND waiting.status = 'WAITLISTED'
        AND (waiting.created_at, waiting.id) <= (own.created_at, own.id)
    WHERE own.id = $1 AND own.status = 'WAITLISTED'
"""

_BOOKING_OF_SESSION = """
    SELECT booking_id FROM booking_sessions
    WHERE id = $1 AND ($2::uuid IS NULL OR trainer_id = $2)
"""

_LINE = """
    SELECT id FROM bookings
    WHERE zone_id = $1 AND course_id = $2 AND status = 'WAITLISTED'{bounds}
    ORDER BY created_at, id
"""

_LINES = """
    SELECT DISTINCT zone_id, course_id FROM bookings
    WHERE status = 'WAITLISTED' AND zone_id IS NOT NULL
        AND ($1::uuid IS NULL OR zone_id = $1){bounds}
    ORDER BY zone_id, course_id
"""

_RECEIPTS = f"""
    SELECT {RECEIPT_COLUMNS} FROM assignment_receipts
    WHERE booking_id = (SELECT id FROM bookings WHERE id = $1{{bounds}})
    ORDER BY version
"""  # noqa: S608 - constants


class PostgresBookingReader(BookingReader):
    """Committed bookings and receipts."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def get(self, booking_id: UUID, scope: Scope = EVERYTHING) -> Booking | None:
        """Return a booking with its sessions."""
        bounds, values = booking_bounds(scope, "bookings", used=1)
        row = await self._database.fetchrow(
            f"{SELECT_BOOKING} WHERE id = $1{bounds}", booking_id, *values
        )
        return None if row is None else booking_from(row)

    async def of_session(self, session_id: UUID, scope: Scope = EVERYTHING) -> Booking | None:
        """Return the booking of a session."""
        bounds, values = booking_bounds(scope, "bookings", used=2)
        row = await self._database.fetchrow(
            f"{SELECT_BOOKING} WHERE id = ({_BOOKING_OF_SESSION}){bounds}",
            session_id,
            scope.trainer_id,
            *values,
        )
        return None if row is None else booking_from(row)

    async def by_reference(
        self, reference: str, client_id: UUID | None = None
    ) -> ReferencedBooking | None:
        """Return the booking of a reference of a client, or of the company's."""
        row = await self._database.fetchrow(
            f"{SELECT_BOOKING} WHERE {OF_REFERENCE}", reference, client_id
        )
        return None if row is None else ReferencedBooking(booking_from(row), row["fingerprint"])

    async def line(
        self, zone_id: UUID, course_id: UUID, scope: Scope = EVERYTHING
    ) -> tuple[UUID, ...]:
        """Return the bookings waitlisted for a course in a zone, first come first."""
        bounds, values = booking_bounds(scope, "bookings", used=2)
        rows = await self._database.fetch(_LINE.format(bounds=bounds), zone_id, course_id, *values)
        return tuple(row["id"] for row in rows)

    async def lines(
        self, zone_id: UUID | None = None, scope: Scope = EVERYTHING
    ) -> tuple[tuple[UUID, UUID], ...]:
        """Return the zone and course of every line in which a booking waits, sorted."""
        bounds, values = booking_bounds(scope, "bookings", used=1)
        rows = await self._database.fetch(_LINES.format(bounds=bounds), zone_id, *values)
        return tuple((row["zone_id"], row["course_id"]) for row in rows)

    async def waitlist_position(self, booking: Booking) -> int | None:
        """Return a waitlisted booking's place in its zone's and course's line, from 1."""
        if booking.status is not BookingStatus.WAITLISTED:
            return None
        row = await self._database.fetchrow(_WAITLIST_POSITION, booking.id)
        assert row is not None, "a count always returns a row"
        return row["position"] or None

    async def page(
        self,
        wanted: BookingFilter,
        request: PageRequest[BookingOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Booking]:
        """Return a page of bookings with their sessions."""
        column = _COLUMNS[request.order]
        query = PageQuery(SELECT_BOOKING, "bookings")
        query.where("bookings.status = {}", wanted.status and wanted.status.value)
        query.where("zone_id = {}", wanted.zone_id)
        query.where("zone_franchise_id = {}", wanted.franchise_id)
        query.where("bookings.trainer_id = {}", wanted.trainer_id)
        query.where("course_id = {}", wanted.course_id)
        query.where(_WITH_SESSION_ON, wanted.date)
        query.where_within(booking_bounds, scope, "bookings")
        rows = await self._database.fetch(query.text(column, request), *query.args)
        return Page(
            tuple(map(booking_from, rows[: request.limit])),
            query.next_after(rows, column, request),
        )

    async def receipts(self, booking_id: UUID, scope: Scope = EVERYTHING) -> tuple[Receipt, ...]:
        """Return a booking's receipts, by the versions that they made."""
        bounds, values = booking_bounds(scope, "bookings", used=1)
        rows = await self._database.fetch(_RECEIPTS.format(bounds=bounds), booking_id, *values)
        return tuple(map(receipt_from, rows))
