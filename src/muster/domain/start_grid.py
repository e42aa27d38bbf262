"""The grid of starts: at which times of a day a session could begin on the wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from muster.domain.local_time import at_wall_time, timeslot_of
from muster.domain.placement import WallStretch, wall_stretches
from muster.domain.purchase_rules import ends_on_own_date
from muster.domain.sessions import SESSION_LENGTH, PlannedSession, SessionMode
from muster.domain.trainers import MINUTES_A_DAY

__all__ = ["GridDay", "Start", "StartGrid", "start_grid"]

_SESSION_MINUTES = SESSION_LENGTH // timedelta(minutes=1)


class Start(Struct, frozen=True):
    """A time at which a session could begin.

    Attributes:
        local_date: The day on the wall.
        local_time: ``HH:MM`` on the wall.
        minute: The same, in minutes after midnight.
        starts_at: UTC instant.
        stretches: The wall-clock time that the session would fill; one unless the clock
            changes meanwhile.
    """

    local_date: date
    local_time: str
    minute: int
    starts_at: datetime
    stretches: tuple[WallStretch, ...]


class GridDay(Struct, frozen=True):
    """A local day of the grid.

    Attributes:
        date: The day on the wall.
        starts: Where its starts stand among those of the grid.
        even: Whether the clock does not change on it, so that every session fills as many
            minutes on the wall as it lasts.
    """

    date: date
    starts: range
    even: bool


class StartGrid(Struct, frozen=True):
    """The starts of some days.

    Attributes:
        days: Every day asked for, in order.
        starts: Of all these days, in order of time.
    """

    days: tuple[GridDay, ...]
    starts: tuple[Start, ...]


def start_grid(
    from_day: date, to_day: date, step_minutes: int, time_zone: str, now: datetime
) -> StartGrid:
    """Return the starts of some days, none of them before now.

    A start is a wall time at a multiple of the step after midnight whose session would end
    on its own local date. A time that a clock change skips is none; one that comes twice is
    its first occurrence.

    Args:
        from_day: First local day.
        to_day: Last local day, included.
        step_minutes: From one start to the next; a divisor of a day's minutes.
        time_zone: IANA key of the wall clock.
        now: UTC instant.
    """
    zone = ZoneInfo(time_zone)
    clocks = [time(minute // 60, minute % 60) for minute in range(0, MINUTES_A_DAY, step_minutes)]
    # A wall clock is never a whole day from UTC, so of the days before this one all is past.
    first_open = now.date() - timedelta(days=1)
    days: list[GridDay] = []
    starts: list[Start] = []
    for day in _days(from_day, to_day):
        first, even = len(starts), True
        if day >= first_open:
            even = _is_even(day, zone)
            found = _even_starts(day, clocks, zone) if even else _real_starts(day, clocks, zone)
            starts.extend(start for start in found if start.starts_at >= now)
        days.append(GridDay(day, range(first, len(starts)), even))
    return StartGrid(tuple(days), tuple(starts))


def _days(from_day: date, to_day: date) -> Iterator[date]:
    for ordinal in range(from_day.toordinal(), to_day.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _is_even(day: date, zone: ZoneInfo) -> bool:
    """Return whether the clock keeps its offset through a day and the hour after it.

    That hour counts, since a clock that goes back soon after midnight brings back the day.
    No clock has ever gone to and fro within an hour, so one look in each is enough.
    """
    midnight = datetime.combine(day, time(), zone)
    offset = midnight.utcoffset()
    return all((midnight + timedelta(hours=hours)).utcoffset() == offset for hours in range(1, 26))


def _even_starts(day: date, clocks: list[time], zone: ZoneInfo) -> Iterator[Start]:
    midnight = at_wall_time(day, time(), zone).instant
    for clock in clocks:
        minute = clock.hour * 60 + clock.minute
        end = minute + _SESSION_MINUTES
        if end > MINUTES_A_DAY:
            return
        yield Start(
            local_date=day,
            local_time=timeslot_of(clock),
            minute=minute,
            starts_at=midnight + timedelta(minutes=minute),
            stretches=(WallStretch(1, day, minute, end),),
        )


def _real_starts(day: date, clocks: list[time], zone: ZoneInfo) -> Iterator[Start]:
    for clock in clocks:
        begins = at_wall_time(day, clock, zone)
        if begins.adjusted:
            continue
        planned = PlannedSession(
            number=1,
            mode=SessionMode.OFFLINE,
            local_date=day,
            local_time=timeslot_of(clock),
            time_zone=zone.key,
            starts_at=begins.instant,
            ends_at=begins.instant + SESSION_LENGTH,
            time_adjusted=False,
            movable=False,
        )
        if ends_on_own_date(planned):
            yield Start(
                local_date=day,
                local_time=planned.local_time,
                minute=clock.hour * 60 + clock.minute,
                starts_at=planned.starts_at,
                stretches=wall_stretches(planned),
            )
