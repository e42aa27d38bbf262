"""Blocks: a trainer's leave, by days and hours, and the stretches of time it fills."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from muster.domain.errors import Fault
from muster.domain.local_time import (
    local_of,
    parse_timeslot,
    reaches_wall_time,
    timeslot_of,
)

__all__ = [
    "LONGEST_BLOCK_DAYS",
    "BlockPeriod",
    "BlockStretch",
    "TrainerBlock",
    "faults_of_periods",
    "stretches_of",
]

LONGEST_BLOCK_DAYS = 400
"""How many days the periods of one block may have in all."""

_DAY = timedelta(days=1)
_DAYS = (date(1970, 1, 1), date(9998, 12, 31))
"""The first and the last day of a block: beyond them not every wall time is an instant."""

_MIDNIGHT = "00:00"


class BlockPeriod(Struct, frozen=True):
    """Days in a row, whole or the same hours of each.

    Attributes:
        first_day: The first local day.
        last_day: The last local day, included.
        from_time: ``HH:MM`` on the wall of each day; ``None`` is its beginning.
        to_time: ``HH:MM`` on the wall of each day, exclusive; ``None`` is its end.
    """

    first_day: date
    last_day: date
    from_time: str | None = None
    to_time: str | None = None

    @property
    def begins(self) -> str:
        """``HH:MM`` at which each day of it begins."""
        return self.from_time or _MIDNIGHT


class BlockStretch(Struct, frozen=True):
    """What a block fills of one local day.

    Attributes:
        local_date: The day on the wall.
        timeslot: ``HH:MM`` on the wall at which it begins.
        starts_at: UTC instant.
        ends_at: UTC instant, exclusive.
    """

    local_date: date
    timeslot: str
    starts_at: datetime
    ends_at: datetime


class TrainerBlock(Struct, frozen=True):
    """Time in which a trainer does not teach, entered here and not in the trainer service.

    Attributes:
        id: UUIDv7.
        trainer_id: Whose time.
        time_zone: IANA key of the wall clock by which the periods are meant.
        periods: In order of time, none over another.
        reason: Why, in the words of whoever entered it.
        created_at: UTC instant.
    """

    id: UUID
    trainer_id: UUID
    time_zone: str
    periods: tuple[BlockPeriod, ...]
    reason: str | None
    created_at: datetime

    def touches(self, from_day: date, to_day: date) -> bool:
        """Return whether it has a day between two local days, both included."""
        return any(
            period.first_day <= to_day and from_day <= period.last_day for period in self.periods
        )


def faults_of_periods(periods: tuple[BlockPeriod, ...], time_zone: str) -> list[Fault]:
    """Return what periods may not be: backwards, empty, too long, or one over another.

    Args:
        periods: As asked for.
        time_zone: IANA key of a place.
    """
    faults = [
        Fault(f"periods[{place}].{field}", code, message)
        for place, period in enumerate(periods)
        for field, code, message in _faults_of(period)
    ]
    if faults:
        return faults
    if sum((one.last_day - one.first_day).days + 1 for one in periods) > LONGEST_BLOCK_DAYS:
        return [Fault("periods", "TOO_LONG", f"At most {LONGEST_BLOCK_DAYS} days at once.")]
    stretches = sorted(_placed_stretches(periods, time_zone), key=lambda one: one[1].starts_at)
    return [
        Fault(f"periods[{place}]", "OVERLAP", "This period lies over another one.")
        for (_, one), (place, other) in pairwise(stretches)
        if other.starts_at < one.ends_at
    ][:1]


def stretches_of(periods: tuple[BlockPeriod, ...], time_zone: str) -> tuple[BlockStretch, ...]:
    """Return the stretches that periods fill, one for each day at most, in order of time.

    A day that is shorter or longer by a clock change is filled as it is, and hours that are
    skipped by one are not filled. Hours that come twice begin and end at their first
    occurrence.

    Args:
        periods: Without faults.
        time_zone: IANA key of the wall clock.
    """
    found = (stretch for _, stretch in _placed_stretches(periods, time_zone))
    return tuple(sorted(found, key=lambda stretch: stretch.starts_at))


def _faults_of(period: BlockPeriod) -> Iterator[tuple[str, str, str]]:
    for field, day in (("fromDate", period.first_day), ("toDate", period.last_day)):
        if not _DAYS[0] <= day <= _DAYS[1]:
            yield field, "INVALID", f"Days of a block lie between {_DAYS[0]} and {_DAYS[1]}."
    if period.last_day < period.first_day:
        yield "toDate", "BEFORE_FROM", "The last day lies before the first."
    if period.to_time is not None and period.to_time <= period.begins:
        yield "toTime", "BEFORE_FROM", "The end lies at or before the beginning."


def _placed_stretches(
    periods: tuple[BlockPeriod, ...], time_zone: str
) -> Iterator[tuple[int, BlockStretch]]:
    zone = ZoneInfo(time_zone)
    for place, period in enumerate(periods):
        begins = parse_timeslot(period.begins)
        for days in range((period.last_day - period.first_day).days + 1):
            day = period.first_day + days * _DAY
            start = reaches_wall_time(day, begins, zone)
            last = day if period.to_time else day + _DAY
            end = reaches_wall_time(last, parse_timeslot(period.to_time or _MIDNIGHT), zone)
            # A clock change may skip all of it; a calendar may leave out the whole day.
            if start < end:
                local = local_of(start, zone)
                yield place, BlockStretch(local.date(), timeslot_of(local), start, end)
