"""When a time zone's clocks change, as the ``VTIMEZONE`` of a calendar tells it.

icalendar can derive one too, but puts each onset of summer time an hour late: it writes the
wall time after the change where RFC 5545 (section 3.6.5) wants the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

__all__ = ["Observance", "observances"]

_STEP = timedelta(days=1)
"""No place has changed its clocks twice within a day since 1970."""

_SECOND = timedelta(seconds=1)


class Observance(Struct, frozen=True):
    """One stretch of time with one offset from UTC.

    Attributes:
        onset: When it begins: naive, on a wall clock that still has the offset before.
        offset_from: The offset before.
        offset_to: The offset from then on.
        name: As the zone calls it: ``CET``, ``+0530``.
        daylight: Whether it is summer time.
    """

    onset: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str
    daylight: bool


def observances(time_zone: str, first: datetime, last: datetime) -> tuple[Observance, ...]:
    """Return all that is needed to read wall times between two instants; one at least.

    Args:
        time_zone: IANA key.
        first: UTC instant.
        last: UTC instant, included.
    """
    zone = ZoneInfo(time_zone)
    # On whole seconds, so that halving finds the second of a change exactly.
    begins, ends = first.replace(microsecond=0) - _STEP, last + _STEP
    return (
        _observance(begins, _offset(begins, zone), zone),
        *(
            _observance(change, _offset(change - _SECOND, zone), zone)
            for change in _changes(begins, ends, zone)
        ),
    )


def _changes(begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Find each first second with another offset, by halving the days that have one."""
    at = begins
    while at < ends:
        following = at + _STEP
        if _offset(following, zone) != _offset(at, zone):
            yield _change_between(at, following, zone)
        at = following


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = _offset(before, zone)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _observance(onset: datetime, offset_from: timedelta, zone: ZoneInfo) -> Observance:
    local = onset.astimezone(zone)
    return Observance(
        onset=(onset + offset_from).replace(tzinfo=None),
        offset_from=offset_from,
        offset_to=_offset(onset, zone),
        name=local.tzname() or f"{local:%z}",
        daylight=bool(local.dst()),
    )


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None, "a ZoneInfo always has an offset"
    return offset
