"""Wall clocks and instants: what a local time means on days with a clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

__all__ = [
    "LocalInstant",
    "at_wall_time",
    "is_time_zone",
    "local_of",
    "parse_timeslot",
    "reaches_wall_time",
    "timeslot_of",
]

_NO_PLACES = frozenset({"Factory", "localtime"})
"""Keys of the database that name no place: "not set yet", and a machine's own clock."""


_SECOND = timedelta(seconds=1)
"""Clocks change at whole seconds."""


class LocalInstant(Struct, frozen=True):
    """An instant together with what the clock on the wall shows then.

    Attributes:
        instant: UTC instant.
        local: The wall time, naive.
        adjusted: Whether a clock change skipped the time asked for.
    """

    instant: datetime
    local: datetime
    adjusted: bool


def parse_timeslot(timeslot: str) -> time:
    """Read ``HH:MM``, 00:00 to 23:59.

    Raises:
        ValueError: The text has another form.
    """
    hours, _, minutes = timeslot.partition(":")
    digits = hours + minutes
    if not (len(hours) == len(minutes) == 2 and digits.isascii() and digits.isdecimal()):
        raise ValueError(f"not a time of the form HH:MM: {timeslot!r}")
    return time(int(hours), int(minutes))


def is_time_zone(key: str) -> bool:
    """Return whether a text is the key of an IANA time zone of some place."""
    return key in _time_zones()


def timeslot_of(local: datetime | time) -> str:
    """Return a wall time as ``HH:MM``."""
    return f"{local.hour:02}:{local.minute:02}"


def local_of(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return what the wall clock of a time zone shows at an instant, naive."""
    return instant.astimezone(zone).replace(tzinfo=None)


def at_wall_time(day: date, clock: time, zone: ZoneInfo) -> LocalInstant:
    """Return the instant at which the wall clock of a time zone shows a time on a day.

    A time that a clock change skips is read with the offset before the change (02:30
    becomes 03:30); a time that comes twice is its first occurrence. Both are what
    ``fold=0`` means (PEP 495).
    """
    asked = datetime.combine(day, clock)
    instant = (asked - _offset_before(asked, zone)).replace(tzinfo=UTC)
    local = local_of(instant, zone)
    return LocalInstant(instant, local, adjusted=local != asked)


def reaches_wall_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the first UTC instant at which the wall clock shows a time of a day, or a later one.

    For stretches of wall time: of those that a clock change skips nothing is left, and what
    begins or ends among them begins or ends with the change.
    """
    start = at_wall_time(day, clock, zone)
    if not start.adjusted:
        return start.instant
    # Read with the offset after the change, a skipped time comes before it; it is in between.
    asked = datetime.combine(day, clock)
    before, after = start.instant - (start.local - asked), start.instant
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        before, after = (middle, after) if local_of(middle, zone) < asked else (before, middle)
    return after


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES


def _offset_before(asked: datetime, zone: ZoneInfo) -> timedelta:
    offset = asked.replace(tzinfo=zone, fold=0).utcoffset()
    assert offset is not None, "a ZoneInfo always has an offset"
    return offset
