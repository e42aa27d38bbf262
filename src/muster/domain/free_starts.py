"""Free starts: when a session could begin in a zone, how many trainers could take it, or why none.

What depends on a student or a booking is left out: the distance, who is excluded, the other
sessions. A number of trainers is therefore the most that a booking may find.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
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
from muster.domain.slots import Availability, SlotState
from muster.domain.start_grid import GridDay, Start, StartGrid
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone

__all__ = [
    "ClaimedTime",
    "DayOfStarts",
    "FreeStart",
    "NoStartReason",
    "free_starts",
]

_SESSION_MINUTES = SESSION_LENGTH // timedelta(minutes=1)


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
    """A time that live slots claim, and whose they are.

    A month of a hundred trainers is many thousand slots, but most of them share their times.

    Attributes:
        starts_at: UTC instant.
        ends_at: UTC instant, exclusive.
        local_date: The day on the wall of the slots.
        timeslot: ``HH:MM`` on that wall.
        state: Who claims it: sessions or leave.
        held_by: Places, from 0, in the sequence of trainers that was asked about.
    """

    starts_at: datetime
    ends_at: datetime
    local_date: date
    timeslot: str
    state: SlotState
    held_by: Sequence[int]


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
    trainers: Sequence[Trainer],
    claimed: Iterable[ClaimedTime],
    grid: StartGrid,
) -> tuple[DayOfStarts, ...]:
    """Return the free starts of each day of a grid.

    Args:
        zone: Where the session would be held; the grid is on its wall clock.
        course_id: What would be taught.
        trainers: Who might; each once, in any order.
        claimed: By these trainers, in this order: at least what collides with a session of
            the grid.
        grid: At which times.
    """
    in_zone = [_passes(zone, course_id, one, _OF_THE_ZONE) for one in trainers]
    times = _GridTimes(grid)
    diaries = [
        _diary(trainer, times)
        if here and _passes(zone, course_id, trainer, _OF_THE_COURSE)
        else None
        for trainer, here in zip(trainers, in_zone, strict=True)
    ]
    _cross_out_claimed(diaries, claimed, times)
    able = [diary for diary in diaries if diary is not None]
    counts = [sum(column) for column in zip(*(one.free for one in able), strict=True)]
    days = []
    for day in grid.days:
        found = tuple(
            FreeStart(grid.starts[at], counts[at]) for at in day.starts if counts and counts[at]
        )
        reason = None if found else _reason(day, any(in_zone), able)
        days.append(DayOfStarts(day.date, found, reason))
    return tuple(days)


def _named(*names: str) -> tuple[EligibilityRule, ...]:
    return tuple(rule for rule in ELIGIBILITY_RULES if rule.name in names)


_OF_THE_ZONE = _named("INACTIVE", "OPERATOR_MISMATCH", "FRANCHISE_MISMATCH", "OUT_OF_ZONE")
_OF_THE_COURSE = _named("NOT_CERTIFIED", "TOO_MANY_CERTIFICATIONS")
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
        self.begins = [start.starts_at for start in grid.starts]
        self.ends = [begins + SESSION_LENGTH for begins in self.begins]
        self.by_wall = {
            (start.local_date, start.local_time): place for place, start in enumerate(grid.starts)
        }


class _Diary(Struct, frozen=True):
    """For each start of a grid 1 or 0: whether a trainer works, is not away, is free."""

    works: bytearray
    present: bytearray
    free: bytearray


def _diary(trainer: Trainer, times: _GridTimes) -> _Diary:
    works = _hours_worked(trainer, times)
    present = bytearray(works)
    for leave in trainer.leave:
        for day in times.days:
            if leave.first_day <= day.date <= leave.last_day:
                present[day.starts.start : day.starts.stop] = bytes(len(day.starts))
    return _Diary(works, present, bytearray(present))


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


def _cross_out_claimed(
    diaries: list[_Diary | None], claimed: Iterable[ClaimedTime], times: _GridTimes
) -> None:
    """Cross out what collides with a slot, as the two guards of slots say."""
    for time in claimed:
        # A session overlaps a slot when it ends after the slot's start and begins before its end.
        first = bisect_right(times.ends, time.starts_at)
        after = bisect_left(times.begins, time.ends_at)
        taken = bytes(after - first)
        same_wall = times.by_wall.get((time.local_date, time.timeslot))
        blocked = time.state is SlotState.BLOCKED
        for place in time.held_by:
            diary = diaries[place]
            if diary is None:
                continue
            for row in (diary.free, diary.present) if blocked else (diary.free,):
                row[first:after] = taken
                if same_wall is not None:
                    row[same_wall] = 0


def _reason(day: GridDay, in_zone: bool, diaries: list[_Diary]) -> NoStartReason:
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
