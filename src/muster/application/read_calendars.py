"""Queries about calendars."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.day_spans import hold_to_span
from muster.application.use_case import QueryCase, Request
from muster.domain.calendars import CalendarEntry
from muster.domain.scopes import Scope
from muster.ports.calendars import CalendarReader
from muster.ports.clock import Clock

__all__ = [
    "DAYS_AHEAD",
    "DAYS_BACK",
    "LONGEST_CALENDAR_DAYS",
    "MOST_ENTRIES",
    "GetTrainerCalendar",
    "GetsTrainerCalendar",
    "TrainerCalendar",
]

DAYS_BACK = 31
"""How far a calendar goes back when nothing else is asked for."""

DAYS_AHEAD = 366
"""How far it goes ahead; no booking starts later."""

LONGEST_CALENDAR_DAYS = 400
"""How many days one question about a calendar may span, both ends included."""

MOST_ENTRIES = 5_000
"""How many entries one calendar has at most: over twelve lessons on every day of a window."""


class TrainerCalendar(Struct, frozen=True):
    """A trainer's calendar between two local dates, both included.

    Attributes:
        entries: In order of time.
        complete: Whether these are all there are.
    """

    from_day: date
    to_day: date
    entries: tuple[CalendarEntry, ...]
    complete: bool


class GetTrainerCalendar(Request[TrainerCalendar], frozen=True):
    """Show what a trainer's time is and was claimed for; leave a day out for the usual window."""

    trainer_id: UUID
    from_day: date | None = None
    to_day: date | None = None


class GetsTrainerCalendar(QueryCase[GetTrainerCalendar]):
    """Shows a trainer's calendar."""

    handles = GetTrainerCalendar
    permission = Permission.CALENDARS_READ

    def __init__(self, calendars: CalendarReader, clock: Clock) -> None:
        """Read from this reader; the usual window is around this clock's day."""
        self._calendars = calendars
        self._clock = clock

    async def answer(self, query: GetTrainerCalendar, scope: Scope) -> TrainerCalendar:
        """Return the calendar."""
        first, last = _window(query.from_day, query.to_day, self._clock.now().date())
        hold_to_span(first, last, LONGEST_CALENDAR_DAYS)
        found = await self._calendars.of_trainer(
            query.trainer_id, first, last, MOST_ENTRIES + 1, scope
        )
        return TrainerCalendar(first, last, found[:MOST_ENTRIES], len(found) <= MOST_ENTRIES)


def _window(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the first and last day: what is left out follows from what is asked for."""
    span = DAYS_BACK + DAYS_AHEAD
    if first is None:
        first = _shifted(today, -DAYS_BACK) if last is None else _shifted(last, -span)
    return first, _shifted(first, span) if last is None else last


def _shifted(day: date, days: int) -> date:
    """Return a day some days later; the calendar's own ends are not passed."""
    ordinal = day.toordinal() + days
    return date.fromordinal(max(date.min.toordinal(), min(ordinal, date.max.toordinal())))
