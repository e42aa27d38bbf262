"""Free starts: when a session could begin in a zone, how many trainers could take it, or why none.

What depends on a student or a booking is left out: the distance, who is excluded, the other
sessions. A number of trainers is therefore the most that a booking may find.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from uuid import UUID

from msgspec import Struct

from muster.domain.eligibility import (
    ELIGIBILITY_RULES,
    Candidate,
    EligibilityRule,
    WorkingWeek,
    refusals_of,
    working_week,
    works_through,
)
from muster.domain.placement import Placement
from muster.domain.sessions import SESSION_LENGTH
from muster.domain.slots import Availability, Slot, SlotState
from muster.domain.start_grid import GridDay, Start, StartGrid
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone

__all__ = [
    "ClaimedTime",
    "DayOfStarts",
    "FreeStart",
    "NoStartReason",
    "claimed_time_of",
    "free_starts",
]

_SESSION_SECONDS = SESSION_LENGTH // timedelta(seconds=1)
_SESSION_MINUTES = _SESSION_SECONDS // 60


class NoStartReason(Enum):
    """Why a day has no free start: how far the trainers who came furthest came.

    In this order, from the first hurdle to the last.

    Attributes:
        DAY_OVER: No start of the day lies ahead.
        NONE_IN_ZONE: No active trainer of the zone's operator teaches in the zone.
        NOT_CERTIFIED: Some do, but none may teach the course: certified for it, and for no
            more courses than the law allows.
        OUTSIDE_HOURS: Some may, but none of them works through a session of the day.
        ON_LEAVE: Some work, but then they are on leave or their time is blocked.
        BOOKED: Some are there, but then their time is booked.
    """

    DAY_OVER = "DAY_OVER"
    NONE_IN_ZONE = "NONE_IN_ZONE"
    NOT_CERTIFIED = "NOT_CERTIFIED"
    OUTSIDE_HOURS = "OUTSIDE_HOURS"
    ON_LEAVE = "ON_LEAVE"
    BOOKED = "BOOKED"


class ClaimedTime(Struct, frozen=True):
    """What one trainer's live slots claim, by column: entry *n* of each is of one slot.

    A month of a hundred trainers is many thousand slots; as columns of plain numbers they
    cost a tenth of what they cost as objects.

    Attributes:
        starts: Seconds since 1970 in UTC.
        ends: Likewise, exclusive.
        local_dates: The day on the wall of each slot's own time zone.
        timeslots: ``HH:MM`` on that wall.
        blocked: Whether a leave claims it, and not a session.
    """

    starts: Sequence[float] = ()
    ends: Sequence[float] = ()
    local_dates: Sequence[date] = ()
    timeslots: Sequence[str] = ()
    blocked: Sequence[bool] = ()


def claimed_time_of(slots: Sequence[Slot]) -> ClaimedTime:
    """Return what live slots of one trainer claim."""
    return ClaimedTime(
        starts=[slot.starts_at.timestamp() for slot in slots],
        ends=[slot.ends_at.timestamp() for slot in slots],
        local_dates=[slot.local_date for slot in slots],
        timeslots=[slot.timeslot for slot in slots],
        blocked=[slot.state is SlotState.BLOCKED for slot in slots],
    )


class FreeStart(Struct, frozen=True):
    """A time at which a session could begin.

    Attributes:
        start: When.
        trainers: How many could take it; at least one.
    """

    start: Start
    trainers: int


class DayOfStarts(Struct, frozen=True):
    """A local day.

    Attributes:
        date: The day on the wall.
        starts: The free ones, in order of time.
        reason: Why there is none; ``None`` when there is one.
    """

    date: date
    starts: tuple[FreeStart, ...]
    reason: NoStartReason | None


def free_starts(
    zone: Zone,
    course_id: UUID,
    trainers: Iterable[Trainer],
    claimed: Mapping[UUID, ClaimedTime],
    grid: StartGrid,
) -> tuple[DayOfStarts, ...]:
    """Return the free starts of each day of a grid.

    Args:
        zone: Where the session would be held; the grid is on its wall clock.
        course_id: What would be taught.
        trainers: Who might; each once, in any order.
        claimed: By trainer; one without an entry has no live slot. It holds at least the
            slots that collide with a session of the grid.
        grid: At which times.
    """
    in_zone = [one for one in trainers if _passes(zone, course_id, one, _OF_THE_ZONE)]
    able = [one for one in in_zone if _passes(zone, course_id, one, _OF_THE_COURSE)]
    times = _GridTimes(grid)
    diaries = [_diary(trainer, claimed.get(trainer.id, _NOTHING), times) for trainer in able]
    counts = [sum(column) for column in zip(*(one.free for one in diaries), strict=True)]
    days = []
    for day in grid.days:
        found = tuple(
            FreeStart(grid.starts[at], counts[at]) for at in day.starts if counts and counts[at]
        )
        reason = None if found else _reason(day, in_zone, diaries)
        days.append(DayOfStarts(day.date, found, reason))
    return tuple(days)


def _named(*names: str) -> tuple[EligibilityRule, ...]:
    return tuple(rule for rule in ELIGIBILITY_RULES if rule.name in names)


_OF_THE_ZONE = _named("INACTIVE", "OPERATOR_MISMATCH", "FRANCHISE_MISMATCH", "OUT_OF_ZONE")
_OF_THE_COURSE = _named("NOT_CERTIFIED", "TOO_MANY_CERTIFICATIONS")
_NOTHING = ClaimedTime()
_UNCLAIMED = Availability()


def _passes(
    zone: Zone, course_id: UUID, trainer: Trainer, rules: tuple[EligibilityRule, ...]
) -> bool:
    anybody = Placement(
        zone=zone,
        course_id=course_id,
        student_location=zone.centre,
        sessions=(),
        stretches=(),
        on_site=True,
        excluded_trainer_ids=frozenset(),
        preferred_trainer_id=None,
    )
    return not refusals_of(anybody, Candidate(trainer, _UNCLAIMED, None), rules)


class _GridTimes:
    """A grid by columns, so that a stretch of time is a slice of it."""

    def __init__(self, grid: StartGrid) -> None:
        self.days = grid.days
        self.starts = grid.starts
        self.minutes = [start.minute for start in grid.starts]
        self.seconds = [int(start.starts_at.timestamp()) for start in grid.starts]
        self.by_wall = {
            (start.local_date, start.local_time): place for place, start in enumerate(grid.starts)
        }


class _Diary(Struct, frozen=True):
    """For each start of a grid 1 or 0: whether a trainer works, is not away, is free."""

    works: bytearray
    present: bytearray
    free: bytearray


def _diary(trainer: Trainer, claimed: ClaimedTime, times: _GridTimes) -> _Diary:
    works = _hours_worked(trainer, times)
    present = bytearray(works)
    for leave in trainer.leave:
        for day in times.days:
            if leave.first_day <= day.date <= leave.last_day:
                _cross_out(present, day.starts.start, day.starts.stop)
    diary = _Diary(works, present, bytearray(present))
    _cross_out_claimed(diary, claimed, times)
    return diary


def _hours_worked(trainer: Trainer, times: _GridTimes) -> bytearray:
    if trainer.weekly_hours is None:
        return bytearray(b"\1") * len(times.starts)
    works = bytearray(len(times.starts))
    week = working_week(trainer.weekly_hours)
    for day in times.days:
        if day.even:
            _work_evenly(works, day, week, times.minutes)
        else:
            for place in day.starts:
                stretches = times.starts[place].stretches
                works[place] = all(works_through(part, week) for part in stretches)
    return works


def _work_evenly(works: bytearray, day: GridDay, week: WorkingWeek, minutes: list[int]) -> None:
    first, after = day.starts.start, day.starts.stop
    for begins, ends in week.get(day.date.isoweekday(), ()):
        low = bisect_left(minutes, begins, first, after)
        high = bisect_right(minutes, ends - _SESSION_MINUTES, low, after)
        works[low:high] = b"\1" * (high - low)


def _cross_out_claimed(diary: _Diary, claimed: ClaimedTime, times: _GridTimes) -> None:
    """Cross out what collides with a slot, as the two guards of slots say."""
    seconds, by_wall = times.seconds, times.by_wall
    columns = zip(
        claimed.starts,
        claimed.ends,
        claimed.local_dates,
        claimed.timeslots,
        claimed.blocked,
        strict=True,
    )
    for starts, ends, local_date, timeslot, blocked in columns:
        low = bisect_right(seconds, starts - _SESSION_SECONDS)
        high = bisect_left(seconds, ends, low)
        same_wall = by_wall.get((local_date, timeslot))
        for row in (diary.free, diary.present) if blocked else (diary.free,):
            _cross_out(row, low, high)
            if same_wall is not None:
                row[same_wall] = 0


def _cross_out(row: bytearray, first: int, after: int) -> None:
    row[first:after] = bytes(after - first)


def _reason(day: GridDay, in_zone: list[Trainer], diaries: list[_Diary]) -> NoStartReason:
    if not day.starts:
        return NoStartReason.DAY_OVER
    if not in_zone:
        return NoStartReason.NONE_IN_ZONE
    if not diaries:
        return NoStartReason.NOT_CERTIFIED
    first, after = day.starts.start, day.starts.stop
    if not any(1 in diary.works[first:after] for diary in diaries):
        return NoStartReason.OUTSIDE_HOURS
    if not any(1 in diary.present[first:after] for diary in diaries):
        return NoStartReason.ON_LEAVE
    return NoStartReason.BOOKED
