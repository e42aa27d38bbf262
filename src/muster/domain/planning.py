"""Planning: which sessions a purchase gives, each with its local time and its instants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from muster.domain.bookings import ClassType, DeliveryMode, Purchase
from muster.domain.local_time import (
    LocalInstant,
    at_wall_time,
    local_of,
    parse_timeslot,
    timeslot_of,
)
from muster.domain.sessions import SESSION_LENGTH, PlannedSession, SessionMode

__all__ = [
    "HYBRID_ONLINE_OPENING",
    "SESSIONS_ON_A_SUNDAY",
    "first_teaching_day",
    "mode_of_session",
    "plan_sessions",
]

SESSIONS_ON_A_SUNDAY = 2
"""Back-to-back lessons on each Sunday of a ``SUNDAY_ONLY`` booking."""

HYBRID_ONLINE_OPENING = 6
"""A hybrid course opens with this many lessons on line, then the modes take turns."""

_SUNDAY = 6


def first_teaching_day(start_date: date, delivery_mode: DeliveryMode) -> date:
    """Return the day of the first session: the start date, or the first Sunday from it on."""
    if delivery_mode is DeliveryMode.DAILY:
        return start_date
    return start_date + timedelta(days=_SUNDAY - start_date.weekday())


def mode_of_session(class_type: ClassType, number: int) -> SessionMode:
    """Return where a lesson is held.

    A hybrid's sessions 1 to 6 are online, then online and offline take turns beginning
    with online, which makes 18 online and 12 offline; all other classes are offline.
    """
    if class_type is not ClassType.HYBRID:
        return SessionMode.OFFLINE
    opening = number <= HYBRID_ONLINE_OPENING
    return SessionMode.ONLINE if opening or number % 2 == 1 else SessionMode.OFFLINE


def plan_sessions(purchase: Purchase, time_zone: str) -> tuple[PlannedSession, ...]:
    """Plan exactly ``total_sessions`` lessons, numbered from 1, in order of time.

    Args:
        purchase: What was asked for.
        time_zone: IANA key of the zone that serves it.
    """
    zone = ZoneInfo(time_zone)
    starts = (
        _daily_starts(purchase, zone)
        if purchase.delivery_mode is DeliveryMode.DAILY
        else _sunday_starts(purchase, zone)
    )
    return tuple(
        _planned(number, start, purchase.class_type, time_zone)
        for number, start in zip(range(1, purchase.total_sessions + 1), starts, strict=False)
    )


def _daily_starts(purchase: Purchase, zone: ZoneInfo) -> Iterator[LocalInstant]:
    clock = parse_timeslot(purchase.preferred_time_slot)
    day = first_teaching_day(purchase.start_date, purchase.delivery_mode)
    while True:
        yield at_wall_time(day, clock, zone)
        day += timedelta(days=1)


def _sunday_starts(purchase: Purchase, zone: ZoneInfo) -> Iterator[LocalInstant]:
    clock = parse_timeslot(purchase.preferred_time_slot)
    day = first_teaching_day(purchase.start_date, purchase.delivery_mode)
    while True:
        first = at_wall_time(day, clock, zone)
        for place in range(SESSIONS_ON_A_SUNDAY):
            instant = first.instant + place * SESSION_LENGTH
            local = local_of(instant, zone)
            asked = datetime.combine(day, clock) + place * SESSION_LENGTH
            yield LocalInstant(instant, local, adjusted=local != asked)
        day += timedelta(days=7)


def _planned(
    number: int, start: LocalInstant, class_type: ClassType, time_zone: str
) -> PlannedSession:
    mode = mode_of_session(class_type, number)
    return PlannedSession(
        number=number,
        mode=mode,
        local_date=start.local.date(),
        local_time=timeslot_of(start.local),
        time_zone=time_zone,
        starts_at=start.instant,
        ends_at=start.instant + SESSION_LENGTH,
        time_adjusted=start.adjusted,
        movable=class_type is ClassType.HYBRID and mode is SessionMode.OFFLINE,
    )
