"""What a calendar feed tells, read back by a second parser."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.event import EventStatus
from msgspec.structs import replace

from muster.application.read_calendars import TrainerCalendar
from muster.domain.bookings import Booking, BookingStatus, ClassType
from muster.domain.calendars import CalendarEntry, Lesson
from muster.domain.geography import Point
from muster.domain.identifiers import instant_of
from muster.domain.sessions import SessionMode, SessionStatus
from muster.http.calendar_examples import BOOKING_CALENDAR, TRAINER_CALENDAR
from muster.http.icalendar_text import calendar_text
from muster.http.shapes.calendars import booking_feed, trainer_feed
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_purchase,
    a_zone,
    new_id,
    slots_for,
)
from muster.testing.suites.stretches import a_block
from tests.calendar_reading import read_back, span

CONFIRMED, TENTATIVE, CANCELLED = (
    EventStatus.CONFIRMED,
    EventStatus.TENTATIVE,
    EventStatus.CANCELLED,
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)


def a_lesson(**changes: object) -> Lesson:
    lesson = Lesson(
        number=1,
        of=10,
        mode=SessionMode.OFFLINE,
        status=SessionStatus.SCHEDULED,
        course_id=UUID("5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01"),
        student_names=("Asha Rao",),
        place=Point(16.51, 80.63),
        zone_name="Vijayawada",
        trainer_name="Meera Nair",
        version=1,
        changed_at=AN_INSTANT,
    )
    return replace(lesson, **changes)


def an_entry(*, live: bool = True, **changes: object) -> CalendarEntry:
    booking = a_booking(a_zone(), trainer_id=new_id())
    return CalendarEntry(slots_for(booking)[0], live, a_lesson(**changes))


def calendar_of(*entries: CalendarEntry, complete: bool = True) -> TrainerCalendar:
    return TrainerCalendar(date(2026, 10, 21), date(2027, 11, 22), entries, complete)


def with_states(booking: Booking, *states: SessionStatus) -> Booking:
    changed = (
        replace(session, status=status)
        for session, status in zip(booking.sessions, states, strict=False)
    )
    return replace(booking, sessions=tuple(changed))


def test_the_examples_are_what_is_rendered() -> None:
    made = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    zone = a_zone(name="Vijayawada")
    purchase = a_purchase(
        booking_reference="order-4711",
        start_date=date(2026, 12, 1),
        preferred_time_slot="09:00",
        student_location=Point(16.51, 80.63),
    )
    booking = a_booking(
        zone, purchase=purchase, trainer_id=new_id(), trainer_name="Meera Nair", updated_at=made
    )
    first = replace(booking.sessions[0], id=UUID("019aa4c1-7c00-7000-8000-00000000d001"))
    booking = replace(booking, sessions=(first,))
    entry = CalendarEntry(slots_for(booking)[0], True, a_lesson(changed_at=made))
    assert calendar_text(booking_feed(booking)) == BOOKING_CALENDAR
    assert calendar_text(trainer_feed(calendar_of(entry))) == TRAINER_CALENDAR


def test_a_trainer_sees_who_and_where() -> None:
    entry = an_entry(student_names=("Asha, Rao", "Bo; Li"), number=3)
    (event,) = read_back(calendar_text(trainer_feed(calendar_of(entry)))).events
    assert event.uid == f"{entry.slot.session_id}@muster"
    assert (event.status, event.transparency, event.sequence) == (CONFIRMED, "OPAQUE", 1)
    assert event.summary == "Lesson 3 of 10: Asha, Rao, Bo; Li"
    assert event.location == "At the student's place, Vijayawada"
    assert event.geo is not None
    assert (event.geo.lat, event.geo.lng) == (16.51, 80.63)
    assert span(event) == (entry.slot.starts_at, entry.slot.ends_at)
    assert event.last_modified == event.dtstamp == AN_INSTANT.replace(microsecond=0)
    assert event.description == (
        f"{entry.slot.local_date} 17:00 Asia/Kolkata ({entry.slot.local_date}T11:30:00Z)\n"
        "Course 5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01"
    )


@pytest.mark.parametrize("status", list(SessionStatus))
@pytest.mark.parametrize("live", [True, False])
def test_what_is_off_says_so_and_names_nobody(status: SessionStatus, live: bool) -> None:
    entry = an_entry(live=live, status=status, version=4)
    text = calendar_text(trainer_feed(calendar_of(entry)))
    (event,) = read_back(text).events
    off = not live or status is SessionStatus.REPLACED
    assert event.status is (CANCELLED if off else CONFIRMED)
    assert event.transparency == ("TRANSPARENT" if off else "OPAQUE")
    assert event.sequence == 4
    assert ("Asha" in text) == ("GEO" in text) == ("place" in text) == (not off)
    assert event.summary is not None
    assert event.summary.startswith("Cancelled: ") == off


def test_online_lessons_have_no_place() -> None:
    text = calendar_text(trainer_feed(calendar_of(an_entry(mode=SessionMode.ONLINE))))
    (event,) = read_back(text).events
    assert (event.location, event.geo) == ("Online", None)
    assert event.summary == "Online lesson 1 of 10: Asha Rao"


def test_leave_takes_time_and_keeps_its_reason() -> None:
    block = a_block(new_id(), AN_INSTANT.replace(second=0, microsecond=0), "Europe/Berlin")
    text = calendar_text(trainer_feed(calendar_of(CalendarEntry(block, True, None))))
    (event,) = read_back(text).events
    assert block.reason
    assert "Urlaub" in block.reason
    assert "Urlaub" not in text
    assert (event.summary, event.transparency, event.classification) == (
        "Leave",
        "OPAQUE",
        "PRIVATE",
    )
    assert event.uid == f"{block.id}@muster"
    assert event.dtstamp == instant_of(block.id).replace(microsecond=0)
    assert span(event) == (block.starts_at, block.ends_at)


@pytest.mark.parametrize("latitude", [1e-7, -0.00004, 89.99999999, 0.0001])
def test_places_are_written_without_exponents(latitude: float) -> None:
    text = calendar_text(trainer_feed(calendar_of(an_entry(place=Point(latitude, 0.0)))))
    (line,) = [one for one in text.split("\r\n") if one.startswith("GEO:")]
    assert "e" not in line
    (event,) = read_back(text).events
    assert event.geo is not None
    assert event.geo.lat == pytest.approx(latitude, abs=5e-5)


@given(names=st.lists(NAMES, min_size=1, max_size=3), zone=NAMES)
def test_any_name_comes_back(names: list[str], zone: str) -> None:
    """Folded, escaped, in any script; what no calendar can carry has become a space."""
    entry = an_entry(student_names=tuple(names), zone_name=zone)
    (event,) = read_back(calendar_text(trainer_feed(calendar_of(entry)))).events
    shown = "".join(
        " " if ord(one) < 32 or 127 <= ord(one) < 160 or one in "\u2028\u2029" else one
        for one in ", ".join(names)
    )
    assert event.summary == f"Lesson 1 of 10: {shown}"


def test_a_calendar_cut_short_says_so() -> None:
    whole = read_back(calendar_text(trainer_feed(calendar_of(an_entry()))))
    short = read_back(calendar_text(trainer_feed(calendar_of(an_entry(), complete=False))))
    assert "X-WR-CALDESC:From 2026-10-21 to 2027-11-22.\r\n" in calendar_text(
        trainer_feed(calendar_of(an_entry()))
    )
    assert "Only the first 1 entries" in calendar_text(
        trainer_feed(calendar_of(an_entry(), complete=False))
    )
    assert len(whole.events) == len(short.events) == 1


def test_an_empty_calendar_is_one() -> None:
    text = calendar_text(trainer_feed(calendar_of()))
    assert read_back(text).events == []
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "X-WR-CALNAME:Lessons\r\n" in text


def test_each_state_of_a_bookings_session() -> None:
    booking = with_states(a_booking(a_zone(), trainer_id=new_id()), *SessionStatus)
    events = read_back(calendar_text(booking_feed(booking))).events
    assert [event.uid for event in events] == [f"{one.id}@muster" for one in booking.sessions]
    assert {status: event.status for status, event in zip(SessionStatus, events, strict=False)} == {
        SessionStatus.PLANNED: TENTATIVE,
        SessionStatus.SCHEDULED: CONFIRMED,
        SessionStatus.STRANDED: TENTATIVE,
        SessionStatus.COMPLETED: CONFIRMED,
        SessionStatus.VOIDED: CONFIRMED,
        SessionStatus.NO_SHOW: CONFIRMED,
        SessionStatus.CANCELLED: CANCELLED,
        SessionStatus.REPLACED: CANCELLED,
    }
    assert events[1].summary == "Lesson 2 of 10 with Meera Rao"
    assert events[2].summary == "Lesson 3 of 10, waiting for a trainer"
    assert events[6].summary == "Cancelled: Lesson 7 of 10"


def test_whoever_booked_sees_no_names_of_students_and_no_coordinates() -> None:
    text = calendar_text(booking_feed(a_booking(a_zone(), trainer_id=new_id())))
    assert "Asha" not in text
    assert "GEO" not in text


def test_another_trainers_lesson_does_not_bear_the_bookings_name() -> None:
    booking = a_booking(a_zone(), trainer_id=new_id())
    first, *others = booking.sessions
    booking = replace(booking, sessions=(replace(first, trainer_id=new_id()), *others))
    events = read_back(calendar_text(booking_feed(booking))).events
    assert [event.summary for event in events[:2]] == [
        "Lesson 1 of 10",
        "Lesson 2 of 10 with Meera Rao",
    ]


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    booking = a_booking(a_zone(), trainer_id=new_id())
    later = AN_INSTANT + timedelta(hours=1)
    changed = replace(
        with_states(booking, *[SessionStatus.CANCELLED] * 10),
        status=BookingStatus.CANCELLED,
        version=2,
        updated_at=later,
    )
    before = read_back(calendar_text(booking_feed(booking))).events
    after = read_back(calendar_text(booking_feed(changed))).events
    assert [one.uid for one in before] == [one.uid for one in after]
    assert {one.sequence for one in before} == {1}
    assert {one.sequence for one in after} == {2}
    assert {one.dtstamp for one in after} == {later.replace(microsecond=0)}


def test_no_start_pays_for_icalendar() -> None:
    code = "import muster.runtime.cli, muster.http.app, sys; sys.exit('icalendar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_the_modes_of_a_hybrid_booking() -> None:
    purchase = a_purchase(class_type=ClassType.HYBRID, total_sessions=30)
    events = read_back(
        calendar_text(booking_feed(a_booking(a_zone(), purchase=purchase, trainer_id=new_id())))
    ).events
    assert sum(event.location == "Online" for event in events) == 18
