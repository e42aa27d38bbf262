"""Calendars read back: by a parser that shares no code with the library that wrote them."""

from __future__ import annotations

from datetime import UTC, datetime

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event


def read_back(text: str) -> Calendar:
    """Read a calendar, and hold its lines to what RFC 5545 says of them (section 3.1)."""
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    return IcsCalendarStream.calendar_from_ics(text)


def span(event: Event) -> tuple[datetime, datetime]:
    """Return the UTC instants of an event."""
    return instant(event.dtstart), instant(event.dtend)


def instant(moment: object) -> datetime:
    assert isinstance(moment, datetime)
    assert moment.utcoffset() is not None, "a floating time is no instant"
    return moment.astimezone(UTC)
