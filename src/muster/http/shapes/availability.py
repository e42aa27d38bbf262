"""A zone's availability as clients see it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.application.zone_availability import FindFreeStarts, ZoneAvailability
from muster.domain.free_starts import DayOfStarts, NoStartReason
from muster.http.shapes.receipts import DirectoryShape, directory_shape

__all__ = ["AvailabilityShape", "DayShape", "StartShape", "availability_shape"]


class StartShape(Struct, frozen=True, rename="camel"):
    """A time at which a session could begin, and how many trainers could take it."""

    time: str
    starts_at: datetime
    trainers: int


class DayShape(Struct, frozen=True):
    """A local day: its free starts, or why there is none."""

    date: date
    starts: list[StartShape]
    reason: NoStartReason | UnsetType = UNSET


class AvailabilityShape(
    Struct,
    frozen=True,
    rename={
        "zone_id": "zoneId",
        "course_id": "courseId",
        "time_zone": "timeZone",
        "from_": "from",
        "step_minutes": "stepMinutes",
    },
):
    """When sessions of 40 minutes could begin between two local dates, both included."""

    zone_id: UUID
    course_id: UUID
    time_zone: str
    from_: date
    to: date
    step_minutes: int
    directory: DirectoryShape
    days: list[DayShape]


def availability_shape(query: FindFreeStarts, found: ZoneAvailability) -> AvailabilityShape:
    """Show what was found."""
    return AvailabilityShape(
        zone_id=found.zone.id,
        course_id=query.course_id,
        time_zone=found.zone.time_zone,
        from_=query.from_day,
        to=query.to_day,
        step_minutes=query.step_minutes,
        directory=directory_shape(found.directory),
        days=[_day(day) for day in found.days],
    )


def _day(day: DayOfStarts) -> DayShape:
    starts = [
        StartShape(one.start.local_time, one.start.starts_at, one.trainers) for one in day.starts
    ]
    return DayShape(day.date, starts, day.reason or UNSET)
