"""Bookings in PostgreSQL: the repository."""

from __future__ import annotations

from uuid import UUID

from muster.domain.bookings import Booking
from muster.ports.bookings import BookingRepository, ReferencedBooking
from muster_postgres.booking_rows import (
    SELECT_BOOKING,
    booking_from,
    booking_row,
    session_columns,
)
from muster_postgres.connection import PostgresConnection
from muster_postgres.locks import reference_lock

__all__ = ["PostgresBookings"]

# One statement for the booking and its sessions: their number does not matter.
_INSERT = """
    WITH booking AS (
        INSERT INTO bookings (id, status, course_id, class_type, total_sessions,
            delivery_mode, start_date, preferred_time_slot, latitude, longitude, students,
            booking_reference, fingerprint, preferred_trainer_id, excluded_trainer_ids,
            ranking_policy, zone_id, zone_name, zone_franchise_id, zone_time_zone,
            nearest_zone_id, nearest_zone_name, nearest_zone_metres, trainer_id, trainer_name,
            receipt_id, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
            $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
    )
    INSERT INTO booking_sessions (booking_id, id, number, mode, status, trainer_id,
        local_date, local_time, time_zone, starts_at, ends_at, time_adjusted, movable)
    SELECT $1, * FROM unnest($30::uuid[], $31::smallint[], $32::text[], $33::text[],
        $34::uuid[], $35::date[], $36::text[], $37::text[], $38::timestamptz[],
        $39::timestamptz[], $40::boolean[], $41::boolean[])
"""

# The domain changes the outcome of a booking, never what was bought.
_UPDATE = """
    WITH session AS (
        UPDATE booking_sessions AS s SET status = now.status, trainer_id = now.trainer_id
        FROM unnest($8::uuid[], $9::text[], $10::uuid[]) AS now (id, status, trainer_id)
        WHERE s.id = now.id AND s.booking_id = $1
            AND (s.status, s.trainer_id) IS DISTINCT FROM (now.status, now.trainer_id)
    )
    UPDATE bookings
    SET status = $2, trainer_id = $3, trainer_name = $4, receipt_id = $5, version = $6,
        updated_at = $7
    WHERE id = $1
"""


class PostgresBookings(BookingRepository):
    """Bookings with their sessions, within one unit of work."""

    def __init__(self, connection: PostgresConnection) -> None:
        """Work on the unit's connection."""
        self._connection = connection

    async def by_reference(self, reference: str) -> ReferencedBooking | None:
        """Return the booking of a reference; until the unit ends no other unit passes here."""
        # A statement of its own: the next one must see what was committed during the wait.
        await self._connection.execute(f"SELECT pg_advisory_xact_lock({reference_lock(reference)})")
        row = await self._connection.fetchrow(
            f"{SELECT_BOOKING} WHERE booking_reference = $1", reference
        )
        return None if row is None else ReferencedBooking(booking_from(row), row["fingerprint"])

    async def add(self, booking: Booking, fingerprint: bytes) -> None:
        """Store a new booking and its sessions."""
        await self._connection.execute(
            _INSERT, *booking_row(booking, fingerprint), *session_columns(booking.sessions)
        )

    async def get(self, booking_id: UUID) -> Booking | None:
        """Return a booking, locked against other writers until the unit ends."""
        # The sessions are read by a statement that starts after the wait for the lock.
        locked = await self._connection.fetchrow(
            "SELECT FROM bookings WHERE id = $1 FOR NO KEY UPDATE", booking_id
        )
        if locked is None:
            return None
        row = await self._connection.fetchrow(f"{SELECT_BOOKING} WHERE id = $1", booking_id)
        return None if row is None else booking_from(row)

    async def replace(self, booking: Booking) -> None:
        """Store a changed booking that ``get`` returned in this unit."""
        done = await self._connection.execute(
            _UPDATE,
            booking.id,
            booking.status.value,
            booking.trainer_id,
            booking.trainer_name,
            booking.receipt_id,
            booking.version,
            booking.updated_at,
            [session.id for session in booking.sessions],
            [session.status.value for session in booking.sessions],
            [session.trainer_id for session in booking.sessions],
        )
        if done != "UPDATE 1":
            raise LookupError(f"there is no booking {booking.id}")
