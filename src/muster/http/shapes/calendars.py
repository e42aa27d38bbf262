"""Calendar feeds: which events a calendar shows, and what each tells to whom.

A trainer needs names and places, of the lessons that are still theirs alone. Whoever booked
needs to know who comes, and knows the rest. Why somebody is on leave is nobody's business.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from msgspec import Struct

from muster.application.read_calendars import TrainerCalendar
from muster.domain.bookings import Booking
from muster.domain.calendars import CalendarEntry, Lesson
from muster.domain.identifiers import instant_of
from muster.domain.local_time import local_of
from muster.domain.sessions import Session, SessionMode, SessionStatus
from muster.domain.slots import Slot

__all__ = ["CalendarEvent", "CalendarFeed", "EventStatus", "booking_feed", "trainer_feed"]

UID_DOMAIN = "muster"
"""The same wherever Muster runs: an event keeps its UID when the host changes its name."""


class EventStatus(Enum):
    """What an event's ``STATUS`` says (RFC 5545, section 3.8.1.11)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class CalendarEvent(Struct, frozen=True):
    """One event of a feed.

    Attributes:
        uid: The same for the life of a session or of a stretch of leave.
        status: Whether it holds.
        sequence: Grows with each change.
        changed_at: UTC instant of the last change.
        starts_at: UTC instant.
        ends_at: UTC instant, exclusive.
        time_zone: IANA key of the wall clock.
        summary: One line.
        description: Several lines.
        location: Where, in words.
        place: Where, as latitude and longitude in degrees, to 11 m.
        private: Whether others than the calendar's owner should see only that time is taken.
    """

    uid: str
    status: EventStatus
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    description: str
    location: str | None = None
    place: tuple[float, float] | None = None
    private: bool = False


class CalendarFeed(Struct, frozen=True):
    """A calendar as subscribers see it."""

    name: str
    description: str
    events: tuple[CalendarEvent, ...]


_DECIMALS = 4
"""Of degrees: 11 m. A float of Python's with more of them may come out with an exponent."""

_OF_A_BOOKING = {
    SessionStatus.PLANNED: EventStatus.TENTATIVE,
    SessionStatus.STRANDED: EventStatus.TENTATIVE,
    SessionStatus.CANCELLED: EventStatus.CANCELLED,
    SessionStatus.REPLACED: EventStatus.CANCELLED,
}
"""A stranded lesson is looking for another trainer; what is not here is confirmed."""


def trainer_feed(calendar: TrainerCalendar) -> CalendarFeed:
    """Return a trainer's feed."""
    lessons = (entry.lesson for entry in calendar.entries)
    name = next((one.trainer_name for one in lessons if one and one.trainer_name), None)
    shown = f"From {calendar.from_day} to {calendar.to_day}."
    if not calendar.complete:
        shown += f" Only the first {len(calendar.entries)} entries are shown."
    return CalendarFeed(
        _plain(f"Lessons of {name}") if name else "Lessons",
        shown,
        tuple(map(_entry_event, calendar.entries)),
    )


def booking_feed(booking: Booking) -> CalendarFeed:
    """Return the feed of a booking; one without sessions has no events."""
    return CalendarFeed(
        f"Course of {booking.purchase.total_sessions} lessons",
        f"Booking {booking.purchase.booking_reference or booking.id}",
        tuple(_session_event(booking, session) for session in booking.sessions),
    )


def _entry_event(entry: CalendarEntry) -> CalendarEvent:
    slot, lesson = entry.slot, entry.lesson
    if lesson is None:
        return _leave_event(slot)
    title = _title(lesson.number, lesson.of, lesson.mode)
    when = _when(slot.starts_at, slot.time_zone)
    if entry.is_off:
        summary, description, location, place = f"Cancelled: {title}", when, None, None
    else:
        names = _plain(", ".join(lesson.student_names))
        summary, description = f"{title}: {names}", f"{when}\nCourse {lesson.course_id}"
        location = _location(lesson.mode, lesson.zone_name)
        place = _place(lesson)
    return CalendarEvent(
        uid=f"{slot.session_id}@{UID_DOMAIN}",
        status=EventStatus.CANCELLED if entry.is_off else EventStatus.CONFIRMED,
        sequence=lesson.version,
        changed_at=lesson.changed_at,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        summary=summary,
        description=description,
        location=location,
        place=place,
    )


def _leave_event(slot: Slot) -> CalendarEvent:
    return CalendarEvent(
        uid=f"{slot.id}@{UID_DOMAIN}",
        status=EventStatus.CONFIRMED,
        sequence=0,
        changed_at=instant_of(slot.id),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        summary="Leave",
        description=_when(slot.starts_at, slot.time_zone),
        private=True,
    )


def _session_event(booking: Booking, session: Session) -> CalendarEvent:
    plan, zone = session.plan, booking.zone
    assert zone is not None, "a booking with sessions has a zone"
    status = _OF_A_BOOKING.get(session.status, EventStatus.CONFIRMED)
    title = _title(plan.number, booking.purchase.total_sessions, plan.mode)
    if status is EventStatus.CANCELLED:
        title = f"Cancelled: {title}"
    elif status is EventStatus.TENTATIVE:
        title = f"{title}, waiting for a trainer"
    elif session.trainer_id == booking.trainer_id and booking.trainer_name:
        title = f"{title} with {_plain(booking.trainer_name)}"
    return CalendarEvent(
        uid=f"{session.id}@{UID_DOMAIN}",
        status=status,
        sequence=booking.version,
        changed_at=booking.updated_at,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        time_zone=plan.time_zone,
        summary=title,
        description=_when(plan.starts_at, plan.time_zone),
        location=_location(plan.mode, zone.name),
    )


def _title(number: int, total: int, mode: SessionMode) -> str:
    kind = "Online lesson" if mode is SessionMode.ONLINE else "Lesson"
    return f"{kind} {number} of {total}"


def _location(mode: SessionMode, zone_name: str) -> str:
    return (
        "Online" if mode is SessionMode.ONLINE else f"At the student's place, {_plain(zone_name)}"
    )


def _place(lesson: Lesson) -> tuple[float, float] | None:
    if lesson.mode is SessionMode.ONLINE:
        return None
    return round(lesson.place.latitude, _DECIMALS), round(lesson.place.longitude, _DECIMALS)


def _when(starts_at: datetime, time_zone: str) -> str:
    """Say a start in full: local date, local time, zone and UTC."""
    local = local_of(starts_at, ZoneInfo(time_zone))
    return f"{local:%Y-%m-%d %H:%M} {time_zone} ({starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})"


def _plain(text: str) -> str:
    """Return a text without control characters and line ends, which RFC 5545 cannot carry."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
