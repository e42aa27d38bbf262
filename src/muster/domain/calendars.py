"""A trainer's calendar: the time that was ever claimed for a lesson, and the leave."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import Point
from muster.domain.sessions import SessionMode, SessionStatus
from muster.domain.slots import Slot

__all__ = ["CalendarEntry", "Lesson"]


class Lesson(Struct, frozen=True):
    """What a calendar tells of a session and of the booking that it is part of.

    Attributes:
        number: The session's.
        of: How many sessions the booking has.
        mode: Offline or on line.
        status: The session's.
        course_id: What is taught.
        student_names: Whom.
        place: Where, when it is offline.
        zone_name: Of the zone that serves the booking.
        trainer_name: Of the trainer whose calendar it is, where the booking knows it.
        version: The booking's; grows with each change of the session.
        changed_at: UTC instant of the booking's last change.
    """

    number: int
    of: int
    mode: SessionMode
    status: SessionStatus
    course_id: UUID
    student_names: tuple[str, ...]
    place: Point
    zone_name: str
    trainer_name: str | None
    version: int
    changed_at: datetime


class CalendarEntry(Struct, frozen=True):
    """A stretch of a trainer's time, and what it is or was for.

    Attributes:
        slot: The claim on the time.
        live: Whether it still holds: the session is neither cancelled, nor stranded, nor
            handed over to somebody else.
        lesson: ``None`` for leave.
    """

    slot: Slot
    live: bool
    lesson: Lesson | None

    @property
    def is_off(self) -> bool:
        """Whether the trainer need not be there any more; nobody attends a replaced lesson."""
        replaced = self.lesson is not None and self.lesson.status is SessionStatus.REPLACED
        return replaced or not self.live
