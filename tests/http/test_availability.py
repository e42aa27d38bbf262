"""When a session could begin in a zone, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from muster.domain.trainers import Leave, WeeklyHours
from tests.http.api import Api
from tests.http.orders import a_booking, a_trainer_for, a_zone, in_days
from tests.http.server_under_test import ServerUnderTest, serving
from tests.http.shapes import DIRECTORY, assert_instant, assert_members

DAY = 30
"""The first day asked about, so many days from now: bookings of the examples begin on it."""

FIRST = date.fromisoformat(in_days(DAY))


class Here:
    """A zone and a course, and who teaches there."""

    def __init__(self, server: ServerUnderTest) -> None:
        self.server = server
        self.api = server.api
        self.zone = self.api.created("/v1/zones", a_zone())
        self.course_id = str(uuid4())
        self.path = f"/v1/zones/{self.zone['id']}/availability"

    def staff(self, *changes: dict[str, Any]) -> None:
        roster = self.server.sandbox.roster
        roster.add([a_trainer_for(self.zone, self.course_id, **one) for one in changes])

    def ask(self, days: int = 1, first: int = DAY, **parameters: object) -> Any:
        asked = {"from": in_days(first), "to": in_days(first + days - 1)}
        answer = self.api.get(self.path, courseId=self.course_id, **(asked | parameters))
        assert answer.status == 200, answer
        assert_availability(answer.json)
        return answer.json


@pytest.fixture
def here(server: ServerUnderTest) -> Here:
    return Here(server)


def hours(first: int, last: int) -> tuple[WeeklyHours, ...]:
    return tuple(WeeklyHours(day, first * 60, last * 60) for day in range(1, 8))


def counts(day: Any) -> dict[str, int]:
    return {start["time"]: start["trainers"] for start in day["starts"]}


def assert_availability(shown: Any) -> None:
    members = {
        "zoneId", "courseId", "timeZone", "from", "to", "stepMinutes", "directory", "days",
    }  # fmt: skip
    assert_members(shown, members)
    assert_members(shown["directory"], DIRECTORY)
    for day in shown["days"]:
        assert_members(day, {"date", "starts", "reason?"})
        assert ("reason" in day) == (day["starts"] == [])
        for start in day["starts"]:
            assert_members(start, {"time", "startsAt", "trainers"})
            assert_instant(start["startsAt"])
            assert start["trainers"] > 0


def test_free_starts_are_told_with_their_trainers(here: Here) -> None:
    here.staff({"weekly_hours": hours(9, 11)}, {"weekly_hours": hours(10, 12)})
    shown = here.ask(days=2)
    assert (shown["zoneId"], shown["courseId"]) == (here.zone["id"], here.course_id)
    assert (shown["timeZone"], shown["stepMinutes"]) == ("Asia/Kolkata", 30)
    assert (shown["from"], shown["to"]) == (in_days(DAY), in_days(DAY + 1))
    assert shown["directory"]["source"] == "live"
    assert [day["date"] for day in shown["days"]] == [in_days(DAY), in_days(DAY + 1)]
    for day in shown["days"]:
        assert counts(day) == {"09:00": 1, "09:30": 1, "10:00": 2, "10:30": 1, "11:00": 1}
    # Kolkata is five and a half hours ahead.
    assert shown["days"][0]["starts"][0]["startsAt"] == f"{in_days(DAY)}T03:30:00Z"


def test_a_booking_takes_its_time(here: Here) -> None:
    here.staff({"weekly_hours": hours(9, 12)}, {"weekly_hours": hours(9, 12)})
    placed = here.api.created("/v1/bookings", a_booking(courseId=here.course_id))
    assert (placed["status"], placed["preferredTimeSlot"]) == ("ASSIGNED", "09:00")
    during, after = (counts(here.ask(first=first)["days"][0]) for first in (DAY, DAY + 10))
    assert during == {"09:00": 1, "09:30": 1, "10:00": 2, "10:30": 2, "11:00": 2}
    assert after == dict.fromkeys(during, 2)
    finer = counts(here.ask(stepMinutes=20)["days"][0])
    assert {time: finer[time] for time in ("09:00", "09:20", "09:40")} == {
        "09:00": 1, "09:20": 1, "09:40": 2,
    }  # fmt: skip


@pytest.mark.parametrize("step", [10, 15, 20, 30, 60])
def test_the_step_is_chosen_from_a_list(here: Here, step: int) -> None:
    here.staff({"weekly_hours": hours(9, 11)})
    shown = here.ask(stepMinutes=step)
    assert shown["stepMinutes"] == step
    found = [int(time[:2]) * 60 + int(time[3:]) for time in counts(shown["days"][0])]
    assert found == list(range(9 * 60, 10 * 60 + 21, step))


def test_a_day_without_a_start_says_why(here: Here) -> None:
    away = tuple(Leave(FIRST + timedelta(days=days), FIRST + timedelta(days=days)) for days in (1,))

    def reasons() -> list[str | None]:
        return [day.get("reason") for day in here.ask(days=3)["days"]]

    assert reasons() == ["NONE_IN_ZONE"] * 3
    here.staff({"certified_courses": frozenset()})
    assert reasons() == ["NOT_CERTIFIED"] * 3
    one_day = (WeeklyHours(FIRST.isoweekday(), 9 * 60, 10 * 60),)
    here.staff({"weekly_hours": one_day})
    assert reasons() == [None, "OUTSIDE_HOURS", "OUTSIDE_HOURS"]
    placed = here.api.created("/v1/bookings", a_booking(courseId=here.course_id))
    assert placed["status"] == "WAITLISTED"
    here.staff({"weekly_hours": hours(9, 10), "leave": away})
    assert reasons() == [None, "ON_LEAVE", None]


def test_a_day_that_is_booked_out_says_so(here: Here) -> None:
    here.staff({"weekly_hours": hours(9, 10)})
    assert here.api.created("/v1/bookings", a_booking(courseId=here.course_id))["trainerId"]
    days = here.ask(days=11)["days"]
    assert [day.get("reason") for day in days] == ["BOOKED"] * 10 + [None]


def test_blocked_time_is_leave(here: Here) -> None:
    here.staff({"weekly_hours": hours(9, 10)})
    (trainer_id,) = (trainer.id for trainer in here.server.sandbox.roster)
    period = {"fromDate": in_days(DAY), "toDate": in_days(DAY)}
    blocked = here.api.post(
        f"/v1/trainers/{trainer_id}/blocks", {"timeZone": "Asia/Kolkata", "periods": [period]}
    )
    assert blocked.status == 201, blocked
    assert [day.get("reason") for day in here.ask(days=2)["days"]] == ["ON_LEAVE", None]


def test_days_that_are_over_say_so(here: Here) -> None:
    here.staff({})
    shown = here.ask(days=2, first=-3)
    assert [day["reason"] for day in shown["days"]] == ["DAY_OVER", "DAY_OVER"]
    ancient = {"from": "0001-01-01", "to": "0001-01-02"}
    shown = here.api.get(here.path, courseId=here.course_id, **ancient).json
    assert [day["reason"] for day in shown["days"]] == ["DAY_OVER", "DAY_OVER"]


@pytest.mark.parametrize(
    ("days", "field", "code"),
    [
        ((DAY, DAY - 1), "to", "BEFORE_FROM"),
        ((DAY, DAY + 62), "to", "TOO_LONG"),
        ((368, 368), "from", "TOO_FAR"),
    ],
)
def test_days_have_bounds(here: Here, days: tuple[int, int], field: str, code: str) -> None:
    first, last = map(in_days, days)
    refused = here.api.get(here.path, courseId=here.course_id, **{"from": first, "to": last})
    assert (refused.status, refused.faults()) == (400, {field: code})
    assert len(here.ask(days=62)["days"]) == 62


def test_the_last_day_of_all_is_refused(here: Here) -> None:
    refused = here.api.get(
        here.path, courseId=here.course_id, **{"from": "9999-12-31", "to": "9999-12-31"}
    )
    assert refused.faults() == {"from": "TOO_FAR"}


def test_what_is_missing_or_unknown_is_named(here: Here) -> None:
    refused = here.api.get(here.path, stepMinutes=45, cellDegrees="1")
    assert refused.faults() == {
        "courseId": "MISSING",
        "from": "MISSING",
        "to": "MISSING",
        "stepMinutes": "INVALID",
        "cellDegrees": "UNKNOWN",
    }


def test_an_unknown_zone_is_not_found_and_an_archived_one_takes_no_bookings(here: Here) -> None:
    days = {"from": in_days(DAY), "to": in_days(DAY)}
    unknown = here.api.get(f"/v1/zones/{uuid4()}/availability", courseId=here.course_id, **days)
    assert unknown.status == 404
    here.api.post(f"/v1/zones/{here.zone['id']}/archive")
    archived = here.api.get(here.path, courseId=here.course_id, **days)
    assert (archived.status, archived.error["code"]) == (409, "ILLEGAL_STATE")


@pytest.fixture(scope="module")
def alone(database_url: str) -> Iterator[Api]:
    # Nothing listens on port 1.
    with serving(database_url, TRAINER_SERVICE_URL="http://127.0.0.1:1") as server:
        yield server.api


def test_nobody_known_is_not_nobody(alone: Api, clean_database: str) -> None:
    zone = alone.created("/v1/zones", a_zone())
    answer = alone.get(
        f"/v1/zones/{zone['id']}/availability",
        courseId=str(uuid4()),
        **{"from": in_days(DAY), "to": in_days(DAY)},
    )
    assert (answer.status, answer.error["code"]) == (503, "DEPENDENCY_UNAVAILABLE")
    assert answer.error["retryable"]
