"""Calendar feeds as text (RFC 5545, RFC 7986), written by icalendar.

Import it where a feed is rendered and nowhere else: icalendar takes 110 ms of CPU to import.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from muster.domain.local_time import at_wall_time, local_of
from muster.http.calendar_zones import observances
from muster.http.shapes.calendars import CalendarEvent, CalendarFeed, EventStatus

__all__ = ["calendar_text"]

_REFRESH = timedelta(hours=1)
_NOWHERE = "Etc/UTC"
_UTC_KEYS = frozenset({"UTC", "Etc/UTC"})
"""What icalendar writes with a ``Z`` and without a zone."""


def calendar_text(feed: CalendarFeed) -> str:
    """Return a feed as a calendar; the same one gives the same text."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Muster//Calendar feed//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    for name, old_name, value in (
        ("NAME", "X-WR-CALNAME", feed.name),
        ("DESCRIPTION", "X-WR-CALDESC", feed.description),
    ):
        calendar.add(name, value)
        calendar.add(old_name, value)
    calendar.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for zone in _zones(feed.events):
        calendar.add_component(zone)
    for event in feed.events:
        calendar.add_component(_event(event))
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def _event(event: CalendarEvent) -> Event:
    written = Event()
    written.add("UID", event.uid)
    written.add("DTSTAMP", event.changed_at)
    written.add("LAST-MODIFIED", event.changed_at)
    written.add("SEQUENCE", event.sequence)
    written.add("STATUS", event.status.value)
    written.add("TRANSP", "TRANSPARENT" if event.status is EventStatus.CANCELLED else "OPAQUE")
    clock = ZoneInfo(event.time_zone) if _has_wall_times(event) else UTC
    written.add("DTSTART", event.starts_at.astimezone(clock))
    written.add("DTEND", event.ends_at.astimezone(clock))
    written.add("SUMMARY", event.summary)
    written.add("DESCRIPTION", event.description)
    if event.location is not None:
        written.add("LOCATION", event.location)
    if event.place is not None:
        written.add("GEO", event.place)
    if event.private:
        written.add("CLASS", "PRIVATE")
    return written


def _has_wall_times(event: CalendarEvent) -> bool:
    """Return whether both ends can be said by the wall clock.

    A time that comes twice is read as its first occurrence, so an event that begins or ends
    in the second one is written in UTC.
    """
    if event.time_zone in _UTC_KEYS:
        return False
    zone = ZoneInfo(event.time_zone)
    return _is_first(event.starts_at, zone) and _is_first(event.ends_at, zone)


def _is_first(instant: datetime, zone: ZoneInfo) -> bool:
    local = local_of(instant, zone)
    return at_wall_time(local.date(), local.time(), zone).instant == instant


def _zones(events: Iterable[CalendarEvent]) -> Iterator[Timezone]:
    """Describe every zone that is named, for as long as the calendar lasts.

    A calendar must have a component (section 3.6), so an empty one describes UTC.
    """
    instants: defaultdict[str, list[datetime]] = defaultdict(list)
    for event in events:
        if _has_wall_times(event):
            instants[event.time_zone] += (event.starts_at, event.ends_at)
    if not events:
        instants[_NOWHERE].append(datetime(1970, 1, 2, tzinfo=UTC))
    for key in sorted(instants):
        yield _zone(key, min(instants[key]), max(instants[key]))


def _zone(key: str, first: datetime, last: datetime) -> Timezone:
    zone = Timezone()
    zone.add("TZID", key)
    for observance in observances(key, first, last):
        part = TimezoneDaylight() if observance.daylight else TimezoneStandard()
        part.add("DTSTART", observance.onset)
        # The same again: to some readers an observance without a recurrence never begins.
        part.add("RDATE", [observance.onset])
        part.add("TZOFFSETFROM", observance.offset_from)
        part.add("TZOFFSETTO", observance.offset_to)
        part.add("TZNAME", observance.name)
        zone.add_component(part)
    return zone
