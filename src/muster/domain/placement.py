"""A placement: which sessions of a booking want a trainer, where, and for whom."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from muster.domain.bookings import Purchase
from muster.domain.geography import Point
from muster.domain.local_time import local_of
from muster.domain.sessions import PlannedSession, SessionMode
from muster.domain.trainers import MINUTES_A_DAY
from muster.domain.zones import Zone

__all__ = ["Placement", "WallStretch", "placement_of", "wall_stretches"]

_MINUTE = timedelta(minutes=1)


class WallStretch(Struct, frozen=True):
    """A stretch of wall-clock time on one day that a session fills.

    Attributes:
        number: The session's number.
        day: The day on the wall.
        from_minute: Minutes after midnight.
        to_minute: Minutes after midnight, exclusive.
    """

    number: int
    day: date
    from_minute: int
    to_minute: int


class Placement(Struct, frozen=True):
    """What the eligibility rules are asked about.

    Attributes:
        zone: The zone that serves the place.
        course_id: The course taught.
        student_location: Where the offline lessons are held.
        sessions: The sessions being placed.
        stretches: The wall-clock time that those sessions fill.
        on_site: Whether at least one of them is offline.
        excluded_trainer_ids: Never chosen.
        preferred_trainer_id: Ranked first when eligible.
    """

    zone: Zone
    course_id: UUID
    student_location: Point
    sessions: tuple[PlannedSession, ...]
    stretches: tuple[WallStretch, ...]
    on_site: bool
    excluded_trainer_ids: frozenset[UUID]
    preferred_trainer_id: UUID | None


def placement_of(purchase: Purchase, zone: Zone, sessions: tuple[PlannedSession, ...]) -> Placement:
    """Return the placement of some planned sessions of a purchase in a zone."""
    return Placement(
        zone=zone,
        course_id=purchase.course_id,
        student_location=purchase.student_location,
        sessions=sessions,
        stretches=tuple(part for planned in sessions for part in wall_stretches(planned)),
        on_site=any(planned.mode is SessionMode.OFFLINE for planned in sessions),
        excluded_trainer_ids=frozenset(purchase.excluded_trainer_ids),
        preferred_trainer_id=purchase.preferred_trainer_id,
    )


def wall_stretches(planned: PlannedSession) -> tuple[WallStretch, ...]:
    """Return the wall-clock time that a session fills, in order of time.

    One stretch, but for a session that runs through midnight or a clock change: then the
    wall jumps within it, and it fills the time before the jump and the time after it.
    """
    zone = ZoneInfo(planned.time_zone)
    begins, ends = local_of(planned.starts_at, zone), local_of(planned.ends_at, zone)
    length = planned.ends_at - planned.starts_at
    first = begins.hour * 60 + begins.minute
    minutes = int(length.total_seconds()) // 60
    if ends - begins == length and first + minutes <= MINUTES_A_DAY:
        return (WallStretch(planned.number, begins.date(), first, first + minutes),)
    return _through_the_jump(planned, zone, minutes)


def _through_the_jump(
    planned: PlannedSession, zone: ZoneInfo, minutes: int
) -> tuple[WallStretch, ...]:
    filled = [local_of(planned.starts_at + _MINUTE * passed, zone) for passed in range(minutes)]
    stretches: list[WallStretch] = []
    for wall in filled:
        at = wall.hour * 60 + wall.minute
        last = stretches[-1] if stretches else None
        if last and last.day == wall.date() and last.to_minute == at:
            stretches[-1] = WallStretch(planned.number, last.day, last.from_minute, at + 1)
        else:
            stretches.append(WallStretch(planned.number, wall.date(), at, at + 1))
    return tuple(stretches)
