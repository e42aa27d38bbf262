"""What the law says of bookings, looked at in the database itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import asyncpg

__all__ = ["LIVE_SLOTS", "assert_lawful"]

LIVE_SLOTS = {
    "PLANNED": {0},
    "SCHEDULED": {1},
    "STRANDED": {0},
    "COMPLETED": {1},
    "VOIDED": {1},
    "NO_SHOW": {1},
    "CANCELLED": {0},
    "REPLACED": {0, 1},
}
"""How many live slots a session of each state has; a replaced one keeps what it had."""

OPEN = {"PLANNED", "SCHEDULED", "STRANDED"}

_OVERLAPS = """
    SELECT one.id, other.id
    FROM schedule_slots AS one
    JOIN schedule_slots AS other ON other.trainer_id = one.trainer_id AND other.id > one.id
        AND (other.during && one.during
            OR (other.date, other.timeslot) = (one.date, one.timeslot))
    WHERE one.live AND other.live
"""
_SESSIONS = """
    SELECT sessions.id, sessions.booking_id, sessions.number, sessions.status,
        count(slots.id) AS slots,
        bool_and(slots.trainer_id = sessions.trainer_id AND slots.booking_id = sessions.booking_id
            AND slots.during = tstzrange(sessions.starts_at, sessions.ends_at)) AS agree
    FROM booking_sessions AS sessions
    JOIN bookings ON bookings.id = sessions.booking_id
    LEFT JOIN schedule_slots AS slots ON slots.session_id = sessions.id AND slots.live
    WHERE bookings.zone_id = $1
    GROUP BY sessions.id
"""
_BOOKINGS = """
    SELECT bookings.id, bookings.status, bookings.total_sessions, bookings.version,
        array_agg(receipts.version ORDER BY receipts.version) AS receipts
    FROM bookings LEFT JOIN assignment_receipts AS receipts ON receipts.booking_id = bookings.id
    WHERE zone_id = $1
    GROUP BY bookings.id
"""
_STRAY_SLOTS = """
    SELECT slots.id FROM schedule_slots AS slots
    LEFT JOIN booking_sessions AS sessions ON sessions.id = slots.session_id
    LEFT JOIN trainer_blocks AS blocks ON blocks.id = slots.block_id AND NOT blocks.removed
    WHERE slots.live AND (sessions.id IS NULL) = (blocks.id IS NULL)
        AND slots.trainer_id = ANY ($1::uuid[])
"""


async def assert_lawful(database: str, zone_id: str, trainers: Sequence[str]) -> Counter[str]:
    """Hold all bookings of a zone to the law.

    Returns:
        How many of its sessions are in which state.
    """
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetch(_OVERLAPS) == []
        assert await connection.fetch(_STRAY_SLOTS, trainers) == []
        sessions = await connection.fetch(_SESSIONS, zone_id)
        bookings = await connection.fetch(_BOOKINGS, zone_id)
    finally:
        await connection.close()
    for session in sessions:
        assert session["slots"] in LIVE_SLOTS[session["status"]], session
        assert session["slots"] == 0 or session["agree"], session
    for booking in bookings:
        _hold(booking, [one for one in sessions if one["booking_id"] == booking["id"]])
    return Counter(session["status"] for session in sessions)


def _hold(booking: asyncpg.Record, sessions: list[asyncpg.Record]) -> None:
    """Its sessions are numbered once, its state is theirs, each version has its receipt."""
    current = [one for one in sessions if one["status"] != "REPLACED"]
    numbers = sorted(one["number"] for one in current)
    assert numbers == list(range(1, booking["total_sessions"] + 1)), booking
    states = {one["status"] for one in current}
    match booking["status"]:
        case "ASSIGNED":
            assert states & OPEN or "COMPLETED" not in states, (booking, states)
            assert "PLANNED" not in states, (booking, states)
        case "COMPLETED":
            assert "COMPLETED" in states, (booking, states)
            assert not states & OPEN, (booking, states)
        case "CANCELLED":
            assert not states & OPEN, (booking, states)
        case "WAITLISTED":
            assert states == {"PLANNED"}, (booking, states)
        case other:
            raise AssertionError(f"{booking} is {other}")
    made = [version for version in booking["receipts"] if version not in (None, 1)]
    assert made == list(range(2, booking["version"] + 1)), booking
