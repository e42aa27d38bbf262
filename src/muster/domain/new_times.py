"""New times for single sessions: what moving a session or making it up asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from muster.domain.errors import DomainError, Fault
from muster.domain.local_time import at_wall_time, local_of, parse_timeslot, timeslot_of
from muster.domain.purchase_rules import HORIZON
from muster.domain.sessions import SESSION_LENGTH, PlannedSession

__all__ = ["TimeNotAllowed", "at_new_time", "faults_of_new_time"]

_MOMENT = timedelta(microseconds=1)

_PAST = Fault("localDate", "START_IN_PAST", "The session would begin before now.")
_TOO_FAR = Fault(
    "localDate", "START_TOO_FAR", f"A session begins at most {HORIZON.days} days ahead."
)


class TimeNotAllowed(DomainError):
    """A session cannot be held at the time asked for; nothing is stored."""

    code: ClassVar[str] = "TIME_NOT_ALLOWED"

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Carry every broken rule.

        Args:
            faults: One for each broken rule, with its code and field.
        """
        super().__init__("The session cannot be held at this time.", faults=tuple(faults))


def at_new_time(plan: PlannedSession, day: date, clock: str) -> PlannedSession:
    """Return a session's plan at another wall time, in the same time zone.

    Args:
        plan: As it is.
        day: The new local day.
        clock: ``HH:MM``; a time that a clock change skips is adjusted as in planning.

    Raises:
        TimeNotAllowed: The day is of the calendar's first or last year, where not every
            wall time is an instant.
    """
    if not MINYEAR < day.year < MAXYEAR:
        raise TimeNotAllowed([_PAST if day.year == MINYEAR else _TOO_FAR])
    start = at_wall_time(day, parse_timeslot(clock), ZoneInfo(plan.time_zone))
    return replace(
        plan,
        local_date=start.local.date(),
        local_time=timeslot_of(start.local),
        starts_at=start.instant,
        ends_at=start.instant + SESSION_LENGTH,
        time_adjusted=start.adjusted,
    )


def faults_of_new_time(plan: PlannedSession, day: date, now: datetime) -> list[Fault]:
    """Return what the time of a session may not be: past, too far ahead, through midnight.

    Args:
        plan: At the new time.
        day: The local day that was asked for.
        now: UTC instant.
    """
    zone = ZoneInfo(plan.time_zone)
    faults = []
    if plan.starts_at < now:
        faults.append(_PAST)
    if day - local_of(now, zone).date() > HORIZON:
        faults.append(_TOO_FAR)
    if not plan.local_date == local_of(plan.ends_at - _MOMENT, zone).date() == day:
        message = "The session would not end on its own local date."
        faults.append(Fault("localTime", "SESSION_CROSSES_MIDNIGHT", message))
    return faults
