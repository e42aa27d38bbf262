"""Trainers' calendars in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from muster.domain.bookings import Booking
from muster.domain.calendars import CalendarEntry, Lesson
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.calendars import CalendarReader
from muster_memory.store import MemoryStore, StoredSlot, booking_of_slot

__all__ = ["MemoryCalendarReader"]


class MemoryCalendarReader(CalendarReader):
    """Committed slots, the live ones and those that were given up."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def of_trainer(
        self,
        trainer_id: UUID,
        from_day: date,
        to_day: date,
        most: int,
        scope: Scope = EVERYTHING,
    ) -> tuple[CalendarEntry, ...]:
        """Return what a trainer's time is and was claimed for, in order of time."""
        own = [
            row
            for row in self._store.slots.all()
            if row.slot.trainer_id == trainer_id
            and scope.holds_slot(row.slot, booking_of_slot(row.slot, self._store))
        ]
        held = {row.slot.session_id for row in own if row.live}
        shown = [row for row in own if from_day <= row.slot.local_date <= to_day]
        given_up = _last_of_each(
            row for row in shown if not row.live and row.slot.session_id not in {None, *held}
        )
        rows = [*(row for row in shown if row.live), *given_up]
        rows.sort(key=lambda row: (row.slot.starts_at, row.slot.id.int))
        return tuple(map(self._entry, rows[:most]))

    def _entry(self, row: StoredSlot) -> CalendarEntry:
        slot = row.slot
        if slot.booking_id is None or slot.session_id is None:
            return CalendarEntry(slot, row.live, None)
        stored = self._store.bookings.get(slot.booking_id)
        assert stored is not None, "a slot of a session has a booking"
        return CalendarEntry(
            slot, row.live, _lesson(stored.booking, slot.session_id, slot.trainer_id)
        )


def _last_of_each(rows: Iterable[StoredSlot]) -> Iterable[StoredSlot]:
    """Return of each session the slot that was made last."""
    in_order = sorted(rows, key=lambda row: row.slot.id.int)
    return {row.slot.session_id: row for row in in_order}.values()


def _lesson(booking: Booking, session_id: UUID, trainer_id: UUID) -> Lesson:
    (session,) = (one for one in booking.sessions if one.id == session_id)
    purchase = booking.purchase
    assert booking.zone is not None, "a booking with sessions has a zone"
    return Lesson(
        number=session.plan.number,
        of=purchase.total_sessions,
        mode=session.plan.mode,
        status=session.status,
        course_id=purchase.course_id,
        student_names=tuple(student.name for student in purchase.students),
        place=purchase.student_location,
        zone_name=booking.zone.name,
        trainer_name=booking.trainer_name if booking.trainer_id == trainer_id else None,
        version=booking.version,
        changed_at=booking.updated_at,
    )
