"""Trainers: read-only snapshots from the trainer service."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import Point

__all__ = ["MINUTES_A_DAY", "Leave", "Trainer", "WeeklyHours"]

MINUTES_A_DAY = 24 * 60


class WeeklyHours(Struct, frozen=True):
    """One stretch of a trainer's working week, in the local time of the zone taught in.

    Attributes:
        weekday: 1 is Monday, 7 is Sunday (ISO 8601).
        from_minute: Minutes after midnight, 0 to 1439.
        to_minute: Minutes after midnight, exclusive, above ``from_minute``, at most 1440.
    """

    weekday: int
    from_minute: int
    to_minute: int


class Leave(Struct, frozen=True):
    """Days on which a trainer does not work, both included."""

    first_day: date
    last_day: date


class Trainer(Struct, frozen=True, gc=False):
    """What the trainer service says of one trainer.

    Attributes:
        id: The trainer service's id.
        name: As shown.
        active: Whether the trainer works at all.
        franchise_id: The franchise they work for; ``None`` is the company.
        zone_ids: The zones they teach in.
        certified_courses: The courses they may teach.
        location: Where they set out from; ``None`` when unknown.
        weekly_hours: When they work; ``None`` means at any hour.
        leave: When they are away.
        updated_at: UTC instant at which the trainer service last changed this.
    """

    id: UUID
    name: str
    active: bool
    franchise_id: UUID | None
    zone_ids: frozenset[UUID]
    certified_courses: frozenset[UUID]
    location: Point | None = None
    weekly_hours: tuple[WeeklyHours, ...] | None = None
    leave: tuple[Leave, ...] = ()
    updated_at: datetime | None = None
