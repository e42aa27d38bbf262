"""Whoever reads a calendar finds the instants that Muster meant, in every time zone.

Two parsers read each one: ical, and icalendar. Each knows the zones of the IANA database by
their names, so both read it a second time with names that nobody knows: then all they can go
by is the ``VTIMEZONE`` that Muster wrote.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo, available_timezones

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from muster.domain.local_time import is_time_zone
from muster.domain.sessions import SESSION_LENGTH
from muster.http.calendar_zones import Observance, observances
from muster.http.icalendar_text import calendar_text
from muster.http.shapes.calendars import CalendarEvent, CalendarFeed, EventStatus
from tests.calendar_reading import instant, read_back, span

ZONES = sorted(filter(is_time_zone, available_timezones()))
START = datetime(2026, 11, 1, tzinfo=UTC)
YEARS = timedelta(days=2 * 366)
WINDOW = timedelta(days=400)
MINUTE = timedelta(minutes=1)
STEP = timedelta(hours=8)
_numbers = count(1)
LESSONS_AROUND = (-80, -40, -39, -20, -1, 0, 1, 20, 59, 60, 61, 120)
"""Starts in minutes after a clock change: before, across, and in the hour that comes twice."""


def an_event(place: int, time_zone: str, starts_at: datetime, length: timedelta) -> CalendarEvent:
    return CalendarEvent(
        uid=f"{place}@muster",
        status=EventStatus.CONFIRMED,
        sequence=1,
        changed_at=START,
        starts_at=starts_at,
        ends_at=starts_at + length,
        time_zone=time_zone,
        summary="Lesson",
        description="",
    )


def events_around(
    time_zone: str, instants: list[datetime], length: timedelta
) -> tuple[CalendarEvent, ...]:
    return tuple(
        an_event(place, time_zone, at, length) for place, at in enumerate(sorted(set(instants)))
    )


def changes(time_zone: str, first: datetime, last: datetime) -> list[datetime]:
    """The clock changes between two instants, to the minute, found by walking there."""
    zone = ZoneInfo(time_zone)
    found = []
    offset = _offset(first, zone)
    for step in range((last - first) // STEP):
        after = first + (step + 1) * STEP
        if _offset(after, zone) != offset:
            minutes = (after - STEP + count * MINUTE for count in range(STEP // MINUTE + 1))
            found.append(next(one for one in minutes if _offset(one, zone) != offset))
            offset = _offset(after, zone)
    return found


def hold(events: tuple[CalendarEvent, ...]) -> None:
    """Read the events back by both parsers, by the names of zones and without them."""
    wanted = [(event.starts_at, event.ends_at) for event in events]
    text = calendar_text(CalendarFeed("Lessons", "", events))
    # A new name each time: icalendar remembers the zones that it has read.
    nameless = re.sub("TZID([=:])", rf"TZID\1Own-{next(_numbers)}-", text)
    for read in (text, nameless):
        assert list(map(span, read_back(read).events)) == wanted
        by_icalendar = icalendar.Calendar.from_ical(read).walk("VEVENT")
        assert [
            (instant(one.decoded("DTSTART")), instant(one.decoded("DTEND"))) for one in by_icalendar
        ] == wanted


@given(
    time_zone=st.sampled_from(ZONES),
    begins=st.integers(0, YEARS // MINUTE).map(lambda minutes: START + minutes * MINUTE),
    length=st.sampled_from([SESSION_LENGTH, timedelta(hours=2), timedelta(days=1)]),
)
def test_every_lesson_around_a_clock_change_is_read_as_it_was_meant(
    time_zone: str, begins: datetime, length: timedelta
) -> None:
    around = [
        change + minutes * MINUTE
        for change in changes(time_zone, begins, begins + WINDOW)
        for minutes in LESSONS_AROUND
    ]
    hold(events_around(time_zone, [begins, *around, begins + WINDOW], length))


def test_every_zone_tells_each_of_its_clock_changes() -> None:
    end = START + YEARS
    for time_zone in ZONES:
        told = observances(time_zone, START, end)
        assert told[0].offset_from == told[0].offset_to
        found = [_instant(one) for one in told[1:]]
        assert found == changes(time_zone, START, end), time_zone


def test_a_lesson_in_the_second_of_two_equal_hours_is_written_in_utc() -> None:
    twice = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    before, across, after = (
        an_event(0, "Europe/Berlin", twice + minutes * MINUTE, SESSION_LENGTH)
        for minutes in (-60, -20, 60)
    )
    hold((before, across, after))
    text = calendar_text(CalendarFeed("", "", (before, across, after)))
    assert re.findall(r"DTSTART[^\r]*", text[text.index("BEGIN:VEVENT") :]) == [
        "DTSTART;TZID=Europe/Berlin:20261025T020000",
        "DTSTART:20261025T004000Z",
        "DTSTART;TZID=Europe/Berlin:20261025T030000",
    ]


def _instant(observance: Observance) -> datetime:
    return (observance.onset - observance.offset_from).replace(tzinfo=UTC)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
