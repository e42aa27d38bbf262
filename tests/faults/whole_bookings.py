"""Whether what stands in the database was written whole."""

from __future__ import annotations

import asyncpg

# What the law allows a booking of each status to have; nothing else is whole.
_HALF_WRITTEN = """
    WITH expected (status, session_status, holds, receipts, told) AS (
        VALUES ('ASSIGNED', 'SCHEDULED', true, '{PLACE}', '{BookingPlaced}'),
            ('WAITLISTED', 'PLANNED', false, '{PLACE}', '{BookingPlaced}'),
            ('CANCELLED', 'CANCELLED', false, '{PLACE,CANCEL}', '{BookingPlaced,BookingCancelled}')
    )
    SELECT booking.id::text, booking.status, session.numbers, session.statuses, slot.held,
        receipt.kinds, event.told, audit.actions
    FROM bookings AS booking LEFT JOIN expected USING (status)
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT number) AS numbers, array_agg(DISTINCT status) AS statuses
        FROM booking_sessions WHERE booking_id = booking.id
    ) AS session
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT session.id) AS held, count(*) AS lines
        FROM schedule_slots AS slot LEFT JOIN booking_sessions AS session
            ON session.id = slot.session_id AND session.booking_id = booking.id
            AND session.trainer_id = slot.trainer_id AND session.status = 'SCHEDULED'
        WHERE slot.booking_id = booking.id AND slot.live
            AND slot.trainer_id = booking.trainer_id
    ) AS slot
    CROSS JOIN LATERAL (
        SELECT array_agg(kind ORDER BY created_at, id) AS kinds,
            (array_agg(id ORDER BY created_at, id))[count(*)] AS newest
        FROM assignment_receipts WHERE booking_id = booking.id
    ) AS receipt
    CROSS JOIN LATERAL (
        SELECT array_agg(event ORDER BY position) AS told
        FROM outbox_events WHERE payload ->> 'booking_id' = booking.id::text
    ) AS event
    CROSS JOIN LATERAL (
        SELECT array_agg(action ORDER BY position) AS actions
        FROM audit_entries WHERE subject_id = booking.id
    ) AS audit
    WHERE expected.status IS NULL
        OR session.numbers <> booking.total_sessions
        OR session.statuses <> ARRAY[session_status]
        OR slot.held <> CASE WHEN holds THEN booking.total_sessions ELSE 0 END
        OR slot.lines <> slot.held
        OR receipt.kinds IS DISTINCT FROM receipts::text[]
        OR receipt.newest IS DISTINCT FROM booking.receipt_id
        OR event.told IS DISTINCT FROM expected.told::text[]
        OR audit.actions IS DISTINCT FROM CASE status
            WHEN 'CANCELLED' THEN '{PlaceBooking,CancelBooking}'::text[]
            ELSE '{PlaceBooking}'::text[] END
"""

# What would be left of a booking that is not there.
_ORPHANS = """
    SELECT 'slot' AS left_over, session_id::text AS id
    FROM schedule_slots AS slot
    WHERE NOT EXISTS (SELECT FROM booking_sessions WHERE id = slot.session_id)
    UNION ALL
    SELECT event, payload ->> 'booking_id' FROM outbox_events
    WHERE event LIKE 'Booking%'
        AND NOT EXISTS (SELECT FROM bookings WHERE id::text = payload ->> 'booking_id')
    UNION ALL
    SELECT action, subject_id::text FROM audit_entries
    WHERE subject_kind = 'booking' AND NOT EXISTS (SELECT FROM bookings WHERE id = subject_id)
"""


class Stored:
    """A booking as it stands there."""

    def __init__(self, row: asyncpg.Record) -> None:
        self.id: str = row["id"]
        self.status: str = row["status"]


async def half_written(url: str) -> list[dict[str, object]]:
    """Everything that is not whole."""
    connection = await asyncpg.connect(url)
    try:
        rows = [*await connection.fetch(_HALF_WRITTEN), *await connection.fetch(_ORPHANS)]
    finally:
        await connection.close()
    return [dict(row) for row in rows]


async def stored_by_reference(url: str) -> dict[str, Stored]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT booking_reference, id::text, status FROM bookings"
            " WHERE booking_reference IS NOT NULL"
        )
    finally:
        await connection.close()
    return {row["booking_reference"]: Stored(row) for row in rows}
