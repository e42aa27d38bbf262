"""Bookings in PostgreSQL: the repository."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.geography import Point
from muster.domain.lifecycle import OPEN_SESSIONS
from muster.domain.scopes import Scope
from muster.domain.zone_impact import FutureBooking
from muster.ports.bookings import BookingRepository, ReferencedBooking
from muster_postgres.booking_rows import (
    OF_REFERENCE,
    SELECT_BOOKING,
    booking_from,
    booking_row,
    session_columns,
)
from muster_postgres.connection import PostgresConnection
from muster_postgres.locks import reference_lock
from muster_postgres.scoping import booking_bounds

__all__ = ["PostgresBookings"]

# One statement for the booking and its sessions: their number does not matter.
_INSERT = """
    WITH booking AS (
        INSERT INTO bookings (id, status, course_id, class_type, total_sessions,
            delivery_mode, start_date, preferred_time_slot, latitude, longitude, students,
            booking_reference, fingerprint, preferred_trainer_id, excluded_trainer_ids,
            ranking_policy, zone_id, zone_name, zone_franchise_id, zone_time_zone,
            nearest_zone_id, nearest_zone_name, nearest_zone_metres, trainer_id, trainer_name,
            receipt_id, version, created_at, updated_at, client_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
            $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
    )
    INSERT INTO booking_sessions (booking_id, id, number, mode, status, trainer_id,
        local_date, local_time, time_zone, starts_at, ends_at, time_adjusted, movable)
    SELECT $1, * FROM unnest($31::uuid[], $32::smallint[], $33::text[], $34::text[],
        $35::uuid[], $36::date[], $37::text[], $38::text[], $39::timestamptz[],
        $40::timestamptz[], $41::boolean[], $42::boolean[])
"""

# One statement for any number of bookings. Sessions that a booking did not have before are
# added once the others are changed: a replaced one has given its number away by then.
_UPDATE = """
    WITH now AS MATERIALIZED (
        SELECT * FROM unnest($11::uuid[], $12::uuid[], $13::smallint[], $14::text[],
            $15::text[], $16::uuid[], $17::date[], $18::text[], $19::text[], $20::timestamptz[],
            $21::timestamptz[], $22::boolean[], $23::boolean[])
            AS session (booking_id, id, number, mode, status, trainer_id, local_date,
                local_time, time_zone, starts_at, ends_at, time_adjusted, movable)
    ),
    changed AS (
        UPDATE booking_sessions AS s
        SET status = now.status, trainer_id = now.trainer_id, local_date = now.local_date,
            local_time = now.local_time, time_zone = now.time_zone, starts_at = now.starts_at,
            ends_at = now.ends_at, time_adjusted = now.time_adjusted
        FROM now
        WHERE s.id = now.id AND s.booking_id = now.booking_id
            -- Day and clock follow from these; whether that was asked for does not.
            AND (s.status, s.trainer_id, s.starts_at, s.time_zone, s.time_adjusted)
                IS DISTINCT FROM
                (now.status, now.trainer_id, now.starts_at, now.time_zone, now.time_adjusted)
        RETURNING s.id
    ),
    added AS (
        INSERT INTO booking_sessions (booking_id, id, number, mode, status, trainer_id,
            local_date, local_time, time_zone, starts_at, ends_at, time_adjusted, movable)
        SELECT now.*
        FROM now, (SELECT count(*) FROM changed) AS first
        WHERE NOT EXISTS (SELECT FROM booking_sessions AS s WHERE s.id = now.id)
    )
    UPDATE bookings AS b
    SET status = changed.status, trainer_id = changed.trainer_id,
        trainer_name = changed.trainer_name, receipt_id = changed.receipt_id,
        version = changed.version, updated_at = changed.updated_at, zone_id = changed.zone_id,
        zone_name = changed.zone_name, zone_franchise_id = changed.zone_franchise_id,
        zone_time_zone = changed.zone_time_zone
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::integer[],
        $7::timestamptz[], $8::uuid[], $9::text[], $10::uuid[], $24::text[])
        AS changed (id, status, trainer_id, trainer_name, receipt_id, version, updated_at,
            zone_id, zone_name, zone_franchise_id, zone_time_zone)
    WHERE b.id = changed.id
"""

# In order of their ids, so that two units never wait for each other; the sessions are read
# by a statement that starts after the wait for the locks.
_LOCK = """
    SELECT id FROM bookings WHERE id = ANY ($1::uuid[]){bounds} ORDER BY id FOR NO KEY UPDATE
"""

_OF_SESSION = """
    SELECT booking_id FROM booking_sessions
    WHERE id = $1 AND ($2::uuid IS NULL OR trainer_id = $2)
"""


# By the zone's own index; only its bookings that are not over have open sessions.
_FUTURE_OF_ZONE = """
    SELECT b.id, b.status, b.latitude, b.longitude, count(*) AS sessions,
        ARRAY(SELECT student ->> 'id' FROM jsonb_array_elements(b.students)
            WITH ORDINALITY AS listed (student, place) ORDER BY place) AS student_ids
    FROM bookings AS b JOIN booking_sessions AS s ON s.booking_id = b.id
    WHERE b.zone_id = $1 AND b.status IN ('ASSIGNED', 'WAITLISTED', 'PENDING')
        AND s.starts_at > $2 AND s.status = ANY ($3::text[])
    GROUP BY b.id
    ORDER BY b.created_at, b.id
"""

_OPEN = sorted(status.value for status in OPEN_SESSIONS)


class PostgresBookings(BookingRepository):
    """Bookings with their sessions, within one unit of work."""

    def __init__(self, connection: PostgresConnection, scope: Scope) -> None:
        """Work on the unit's connection, within a scope."""
        self._connection = connection
        self._scope = scope

    async def by_reference(
        self, reference: str, client_id: UUID | None = None
    ) -> ReferencedBooking | None:
        """Return the booking of a reference; until the unit ends no other unit passes here."""
        # A statement of its own: the next one must see what was committed during the wait.
        await self._connection.execute(f"SELECT pg_advisory_xact_lock({reference_lock(reference)})")
        row = await self._connection.fetchrow(
            f"{SELECT_BOOKING} WHERE {OF_REFERENCE}", reference, client_id
        )
        return None if row is None else ReferencedBooking(booking_from(row), row["fingerprint"])

    async def add(self, booking: Booking, fingerprint: bytes) -> None:
        """Store a new booking and its sessions."""
        await self._connection.execute(
            _INSERT, *booking_row(booking, fingerprint), *session_columns(booking.sessions)
        )

    async def get(self, booking_id: UUID) -> Booking | None:
        """Return a booking, locked against other writers until the unit ends."""
        return next(iter(await self.several([booking_id])), None)

    async def several(self, booking_ids: Sequence[UUID]) -> tuple[Booking, ...]:
        """Return bookings by id, each locked, in order of their ids."""
        bounds, values = booking_bounds(self._scope, "bookings", used=1)
        found = await self._connection.fetch(_LOCK.format(bounds=bounds), booking_ids, *values)
        locked = [row["id"] for row in found]
        if not locked:
            return ()
        rows = await self._connection.fetch(
            f"{SELECT_BOOKING} WHERE id = ANY ($1::uuid[]) ORDER BY id", locked
        )
        return tuple(map(booking_from, rows))

    async def of_session(self, session_id: UUID) -> Booking | None:
        """Return the booking of a session, locked."""
        row = await self._connection.fetchrow(_OF_SESSION, session_id, self._scope.trainer_id)
        return None if row is None else await self.get(row["booking_id"])

    async def future_of_zone(self, zone_id: UUID, now: datetime) -> tuple[FutureBooking, ...]:
        """Return the bookings of a zone with a session that has not begun, oldest first."""
        rows = await self._connection.fetch(_FUTURE_OF_ZONE, zone_id, now, _OPEN)
        return tuple(
            FutureBooking(
                id=row["id"],
                status=BookingStatus(row["status"]),
                place=Point(row["latitude"], row["longitude"]),
                sessions=row["sessions"],
                student_ids=tuple(map(UUID, row["student_ids"])),
            )
            for row in rows
        )

    async def replace(self, *bookings: Booking) -> None:
        """Store changed bookings that were read in this unit."""
        sessions = [(booking.id, session) for booking in bookings for session in booking.sessions]
        zones = [booking.zone for booking in bookings]
        done = await self._connection.execute(
            _UPDATE,
            [booking.id for booking in bookings],
            [booking.status.value for booking in bookings],
            [booking.trainer_id for booking in bookings],
            [booking.trainer_name for booking in bookings],
            [booking.receipt_id for booking in bookings],
            [booking.version for booking in bookings],
            [booking.updated_at for booking in bookings],
            [zone and zone.id for zone in zones],
            [zone and zone.name for zone in zones],
            [zone and zone.franchise_id for zone in zones],
            [booking_id for booking_id, _ in sessions],
            *session_columns([session for _, session in sessions]),
            [zone and zone.time_zone for zone in zones],
        )
        if done != f"UPDATE {len(bookings)}":
            raise LookupError("a booking to be replaced is not there")
