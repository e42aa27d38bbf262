"""Trainers' calendars in PostgreSQL."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from muster.domain.bookings import Student
from muster.domain.calendars import CalendarEntry, Lesson
from muster.domain.geography import Point
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.sessions import SessionMode, SessionStatus
from muster.ports.calendars import CalendarReader
from muster_postgres.database import Database
from muster_postgres.scoping import own_time_bounds
from muster_postgres.slot_rows import SLOT_COLUMNS, slot_from

__all__ = ["CALENDAR", "PostgresCalendarReader"]

CALENDAR = f"""
    WITH shown AS (
        SELECT {SLOT_COLUMNS}, live FROM schedule_slots
        WHERE live AND trainer_id = $1 AND date BETWEEN $2 AND $3
        UNION ALL
        -- Of each session that the trainer holds no more, the slot that was made last.
        (SELECT DISTINCT ON (session_id) {SLOT_COLUMNS}, live FROM schedule_slots AS given_up
         WHERE NOT live AND session_id IS NOT NULL
             AND trainer_id = $1 AND date BETWEEN $2 AND $3
             AND NOT EXISTS (
                 SELECT FROM schedule_slots AS held
                 WHERE held.live AND held.session_id = given_up.session_id
                     AND held.trainer_id = given_up.trainer_id)
         ORDER BY session_id, id DESC)
    )
    SELECT shown.*, session.number, session.mode, session.status AS session_status,
        booking.total_sessions, booking.course_id, booking.students, booking.latitude,
        booking.longitude, booking.zone_name, booking.version, booking.updated_at,
        CASE WHEN booking.trainer_id = $1 THEN booking.trainer_name END AS trainer_name
    FROM shown
        LEFT JOIN booking_sessions AS session ON session.id = shown.session_id
        LEFT JOIN bookings AS booking ON booking.id = shown.booking_id
    WHERE true{{bounds}}
    ORDER BY shown.starts_at, shown.id
    LIMIT $4
"""  # noqa: S608 - constants
"""Asks for a trainer, the first and the last local date, and how many entries at most; to be
completed with the bounds of a scope."""

_STUDENTS = msgspec.json.Decoder(tuple[Student, ...])


class PostgresCalendarReader(CalendarReader):
    """Committed slots, the live ones and those that were given up."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def of_trainer(
        self,
        trainer_id: UUID,
        from_day: date,
        to_day: date,
        most: int,
        scope: Scope = EVERYTHING,
    ) -> tuple[CalendarEntry, ...]:
        """Return what a trainer's time is and was claimed for, in order of time."""
        bounds, values = own_time_bounds(scope, "shown.trainer_id", "shown.booking_id", used=4)
        rows = await self._database.fetch(
            CALENDAR.format(bounds=bounds), trainer_id, from_day, to_day, most, *values
        )
        return tuple(map(_entry, rows))


def _entry(row: asyncpg.Record) -> CalendarEntry:
    slot = slot_from(row)
    return CalendarEntry(slot, row["live"], _lesson(row) if slot.session_id else None)


def _lesson(row: asyncpg.Record) -> Lesson:
    return Lesson(
        number=row["number"],
        of=row["total_sessions"],
        mode=SessionMode(row["mode"]),
        status=SessionStatus(row["session_status"]),
        course_id=row["course_id"],
        student_names=tuple(student.name for student in _STUDENTS.decode(row["students"])),
        place=Point(row["latitude"], row["longitude"]),
        zone_name=row["zone_name"],
        trainer_name=row["trainer_name"],
        version=row["version"],
        changed_at=row["updated_at"],
    )
