"""Calendar feeds over HTTP: what subscribers get, and when there is nothing new."""

from __future__ import annotations

from datetime import date, timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from ical.event import Event

from tests.calendar_reading import read_back, span
from tests.http.api import Answer, Api
from tests.http.orders import (
    AN_ID,
    FAR_AWAY,
    a_booking,
    a_student,
    a_trainer_for,
    a_zone,
    in_days,
)
from tests.http.server_under_test import ServerUnderTest


@pytest.fixture
def booking(server: ServerUnderTest, api: Api) -> Any:
    """An assigned one, in a zone that changes its clocks."""
    zone = api.created("/v1/zones", a_zone(timeZone="America/New_York"))
    wanted = a_booking(students=[a_student(name="Ásha; Rao, जी")], totalSessions=30)
    server.sandbox.roster.add([a_trainer_for(zone, wanted["courseId"], name="Meera Nair")])
    shown = api.created("/v1/bookings", wanted)
    assert shown["status"] == "ASSIGNED"
    return shown


def feeds(booking: Any) -> tuple[str, str]:
    return (
        f"/v1/trainers/{booking['trainerId']}/calendar.ics",
        f"/v1/bookings/{booking['id']}/calendar.ics",
    )


def events(answer: Answer) -> dict[str, Event]:
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    found = read_back(answer.body.decode()).events
    by_uid = {event.uid: event for event in found if event.uid}
    assert len(by_uid) == len(found)
    return by_uid


def uids(booking: Any) -> list[str]:
    return [f"{session['id']}@muster" for session in booking["sessions"]]


def test_both_feeds_show_every_lesson(api: Api, booking: Any) -> None:
    of_trainer, of_booking = (events(api.get(path)) for path in feeds(booking))
    assert list(of_trainer) == list(of_booking) == uids(booking)
    for session in booking["sessions"]:
        uid = f"{session['id']}@muster"
        for event in (of_trainer[uid], of_booking[uid]):
            starts, ends = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in span(event))
            assert (starts, ends) == (session["startsAt"], session["endsAt"])
            assert (event.status, event.sequence) == ("CONFIRMED", 1)
            assert f"{session['localDate']} {session['localTime']} America/New_York" in str(
                event.description
            )
    first = uids(booking)[0]
    assert of_trainer[first].summary == "Lesson 1 of 30: Ásha; Rao, जी"
    assert of_booking[first].summary == "Lesson 1 of 30 with Meera Nair"


def test_a_cancelled_booking_keeps_its_uids_and_says_so(api: Api, booking: Any) -> None:
    api.post(f"/v1/bookings/{booking['id']}/cancel", {})
    for path in feeds(booking):
        after = events(api.get(path))
        assert list(after) == uids(booking)
        assert {event.status for event in after.values()} == {"CANCELLED"}
        assert {event.sequence for event in after.values()} == {2}
        assert all(str(event.summary).startswith("Cancelled: ") for event in after.values())


def test_a_waiting_bookings_lessons_are_tentative(api: Api) -> None:
    api.created("/v1/zones", a_zone())
    waiting = api.created("/v1/bookings", a_booking())
    assert waiting["status"] == "WAITLISTED"
    shown = events(api.get(f"/v1/bookings/{waiting['id']}/calendar.ics"))
    assert list(shown) == uids(waiting)
    assert {event.status for event in shown.values()} == {"TENTATIVE"}


def test_a_booking_without_sessions_and_a_trainer_without_any_have_empty_ones(api: Api) -> None:
    api.created("/v1/zones", a_zone())
    unserved = api.created("/v1/bookings", a_booking(studentLocation=FAR_AWAY))
    assert events(api.get(f"/v1/bookings/{unserved['id']}/calendar.ics")) == {}
    assert events(api.get(f"/v1/trainers/{AN_ID}/calendar.ics")) == {}


def test_nothing_is_sent_while_nothing_has_changed(api: Api, booking: Any) -> None:
    for path in feeds(booking):
        first = api.get(path)
        tag = first.headers["ETag"]
        assert "private" in first.headers["Cache-Control"]
        for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            again = asked(api, path, known)
            assert (again.status, again.body) == (304, b""), known
            assert again.headers["ETag"] == tag
        assert asked(api, path, '"other"').body == first.body
        assert asked(api, path, tag.replace('"', "")).status == 200
    api.post(f"/v1/bookings/{booking['id']}/cancel", {})
    assert asked(api, feeds(booking)[0], tag).status == 200
    changed = asked(api, feeds(booking)[1], tag)
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


def test_a_304_leaves_the_connection_in_step(api: Api, booking: Any) -> None:
    path = feeds(booking)[0]
    connection = HTTPConnection("127.0.0.1", api.port, timeout=20)
    try:
        for status in (304, 304):
            connection.request("GET", path, headers={"If-None-Match": "*"})
            response = connection.getresponse()
            assert (response.status, response.read()) == (status, b"")
        connection.request("GET", path)
        assert connection.getresponse().read().startswith(b"BEGIN:VCALENDAR")
    finally:
        connection.close()


def test_head_says_what_get_would(api: Api, booking: Any) -> None:
    for path in feeds(booking):
        got, head = api.get(path), api.send("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control"):
            assert head.headers[name] == got.headers[name]


def test_a_window_can_be_asked_for(api: Api, booking: Any) -> None:
    path, first = feeds(booking)[0], date.fromisoformat(in_days(30))

    def shown(**window: date) -> int:
        return len(events(api.get(path, **{name.rstrip("_"): day for name, day in window.items()})))

    day = timedelta(days=1)
    assert shown(from_=first + day, to=first + 3 * day) == 3
    assert shown(from_=first + 20 * day) == 10
    assert shown(to=first + 4 * day) == 5
    assert shown(from_=date.max) == shown(to=date.min) == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2027-01-02&to=2027-01-01", "BEFORE_FROM"),
        ("from=2027-01-01&to=2028-02-05", "TOO_LONG"),
    ],
)
def test_a_window_that_cannot_be_is_refused(used_api: Api, query: str, code: str) -> None:
    answer = used_api.send("GET", f"/v1/trainers/{AN_ID}/calendar.ics?{query}")
    assert answer.status == 400
    assert answer.faults() == {"to": code}


def test_an_unknown_booking_has_none(used_api: Api) -> None:
    answer = used_api.get(f"/v1/bookings/{AN_ID}/calendar.ics")
    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


def asked(api: Api, path: str, known: str) -> Answer:
    return api.send("GET", path, headers=[("If-None-Match", known)])
