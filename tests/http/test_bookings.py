"""Placing, previewing and showing bookings over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import (
    FAR_AWAY,
    a_booking,
    a_franchise,
    a_student,
    a_trainer_for,
    a_zone,
    in_days,
    next_sunday,
)
from tests.http.server_under_test import ServerUnderTest
from tests.http.shapes import (
    assert_booking,
    assert_listing,
    assert_preview,
    assert_receipt,
    assert_schedule,
    assert_session,
)
from tests.http.stored_rows import count_rows

BOOKINGS = "/v1/bookings"


@pytest.fixture
def zone(api: Api) -> Any:
    return api.created("/v1/zones", a_zone())


def staff(server: ServerUnderTest, zone: Any, course_id: str, count: int = 1) -> list[str]:
    """Ids of new trainers whom no rule refuses, lowest first."""
    trainers = [a_trainer_for(zone, course_id) for _ in range(count)]
    server.sandbox.roster.add(trainers)
    return sorted(str(trainer.id) for trainer in trainers)


def test_a_booking_is_assigned(server: ServerUnderTest, api: Api, zone: Any) -> None:
    wanted = a_booking(bookingReference="order-1", students=[a_student(email="a@example.org")])
    (trainer_id,) = staff(server, zone, wanted["courseId"])
    shown = api.created(BOOKINGS, wanted)
    assert_booking(shown)
    assert {name: shown[name] for name in wanted} == wanted
    assert (shown["status"], shown["trainerId"], shown["version"]) == ("ASSIGNED", trainer_id, 1)
    assert shown["zone"] == {
        "id": zone["id"],
        "name": zone["name"],
        "operator": "COMPANY",
        "franchiseId": None,
        "timeZone": "Asia/Kolkata",
    }
    assert [one["number"] for one in shown["sessions"]] == list(range(1, 11))
    assert {one["status"] for one in shown["sessions"]} == {"SCHEDULED"}
    assert {one["trainerId"] for one in shown["sessions"]} == {trainer_id}
    first = shown["sessions"][0]
    assert (first["localDate"], first["localTime"]) == (wanted["startDate"], "09:00")
    assert first["startsAt"] == f"{wanted['startDate']}T03:30:00Z"
    assert first["endsAt"] == f"{wanted['startDate']}T04:10:00Z"
    assert api.get(f"{BOOKINGS}/{shown['id']}").json == shown


def test_a_booking_in_a_franchise_is_taught_by_it(server: ServerUnderTest, api: Api) -> None:
    franchise = api.created("/v1/franchises", a_franchise())
    zone = api.created("/v1/zones", a_zone(franchiseId=franchise["id"]))
    wanted = a_booking()
    (trainer_id,) = staff(server, zone, wanted["courseId"])
    shown = api.created(BOOKINGS, wanted)
    assert (shown["status"], shown["trainerId"]) == ("ASSIGNED", trainer_id)
    assert shown["zone"]["operator"] == "FRANCHISE"
    assert shown["zone"]["franchiseId"] == franchise["id"]


def test_a_booking_without_a_trainer_is_waitlisted(api: Api, zone: Any) -> None:
    shown = api.created(BOOKINGS, a_booking())
    assert_booking(shown)
    assert (shown["status"], shown["trainerId"]) == ("WAITLISTED", None)
    assert {one["status"] for one in shown["sessions"]} == {"PLANNED"}
    assert shown["receiptId"] is not None


def test_the_waitlist_is_a_line(api: Api, zone: Any) -> None:
    course_id = str(uuid4())
    ids = [api.created(BOOKINGS, a_booking(courseId=course_id))["id"] for _ in range(3)]

    def positions() -> list[int | None]:
        return [api.get(f"{BOOKINGS}/{id_}").json.get("waitlistPosition") for id_ in ids]

    assert positions() == [1, 2, 3]
    api.post(f"{BOOKINGS}/{ids[0]}/cancel", {})
    assert positions() == [None, 1, 2]


def test_a_booking_outside_every_zone_is_kept(api: Api, zone: Any) -> None:
    shown = api.created(BOOKINGS, a_booking(studentLocation=FAR_AWAY))
    assert_booking(shown)
    assert shown["status"] == "SERVICE_NOT_AVAILABLE"
    assert (shown["zone"], shown["sessions"], shown["receiptId"]) == (None, [], None)
    assert shown["nearestZone"]["id"] == zone["id"]
    assert shown["nearestZone"]["distanceMetres"] > 1e7


def test_weekday_daily_is_daily(api: Api, zone: Any) -> None:
    assert api.created(BOOKINGS, a_booking(deliveryMode="WEEKDAY_DAILY"))["deliveryMode"] == "DAILY"


def test_sunday_sessions_come_in_pairs(api: Api, zone: Any) -> None:
    wanted = a_booking(deliveryMode="SUNDAY_ONLY", startDate=next_sunday())
    sessions = api.created(BOOKINGS, wanted)["sessions"]
    assert [one["localTime"] for one in sessions] == ["09:00", "09:40"] * 5
    assert len({one["localDate"] for one in sessions}) == 5


def test_a_hybrid_course_is_mixed(api: Api, zone: Any) -> None:
    wanted = a_booking(classType="HYBRID", totalSessions=30)
    sessions = api.created(BOOKINGS, wanted)["sessions"]
    modes = [one["mode"] for one in sessions]
    assert modes == ["ONLINE"] * 6 + ["ONLINE", "OFFLINE"] * 12
    assert all(one["movable"] == (one["mode"] == "OFFLINE") for one in sessions)


def test_a_reference_answers_the_same_booking_again(api: Api, zone: Any) -> None:
    wanted = a_booking(bookingReference="order-2")
    first = api.created(BOOKINGS, wanted)
    again = api.post(BOOKINGS, wanted)
    assert (again.status, again.json) == (200, first)


def test_a_reference_is_good_for_one_request(api: Api, zone: Any) -> None:
    wanted = a_booking(bookingReference="order-3")
    api.created(BOOKINGS, wanted)
    refused = api.post(BOOKINGS, wanted | {"preferredTimeSlot": "10:00"})
    assert (refused.status, refused.error["code"]) == (409, "REFERENCE_CONFLICT")
    assert len(api.walk(BOOKINGS)) == 1


DUPLICATE = a_student()

BROKEN_RULES: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"totalSessions": 12}, {"totalSessions": "SESSION_COUNT_NOT_SOLD"}),
    ({"classType": "HYBRID"}, {"totalSessions": "HYBRID_NOT_30"}),
    ({"students": []}, {"students": "STUDENT_COUNT"}),
    ({"classType": "ONE_ON_TWO"}, {"students": "STUDENT_COUNT"}),
    (
        {"classType": "ONE_ON_TWO", "students": [DUPLICATE, DUPLICATE]},
        {"students[1].id": "DUPLICATE_STUDENT"},
    ),
    (
        {"classType": "HYBRID", "totalSessions": 30, "deliveryMode": "SUNDAY_ONLY"},
        {"deliveryMode": "HYBRID_ON_SUNDAYS"},
    ),
    ({"startDate": in_days(400)}, {"startDate": "START_TOO_FAR"}),
    ({"startDate": in_days(-2)}, {"startDate": "START_IN_PAST"}),
    ({"preferredTimeSlot": "23:21"}, {"preferredTimeSlot": "SESSION_CROSSES_MIDNIGHT"}),
    (
        {"deliveryMode": "SUNDAY_ONLY", "preferredTimeSlot": "22:41"},
        {"preferredTimeSlot": "SESSION_CROSSES_MIDNIGHT"},
    ),
    # Several at once; the eighth rule waits for the others.
    (
        {"classType": "ONE_ON_THREE", "startDate": in_days(-2), "preferredTimeSlot": "23:59"},
        {"students": "STUDENT_COUNT", "startDate": "START_IN_PAST"},
    ),
]


@pytest.mark.parametrize(("changes", "faults"), BROKEN_RULES)
def test_a_broken_rule_is_told_with_its_field(
    api: Api, zone: Any, changes: dict[str, Any], faults: dict[str, str]
) -> None:
    refused = api.post(BOOKINGS, a_booking(**changes))
    assert (refused.status, refused.error["code"]) == (422, "INVALID_PURCHASE")
    assert refused.faults() == faults
    assert api.post(f"{BOOKINGS}/preview", a_booking(**changes)).faults() == faults
    assert api.walk(BOOKINGS) == []


def test_one_field_may_break_several_rules(api: Api, zone: Any) -> None:
    refused = api.post(
        BOOKINGS, a_booking(classType="HYBRID", totalSessions=11, deliveryMode="SUNDAY_ONLY")
    )
    assert [(one["path"], one["code"]) for one in refused.error["details"]] == [
        ("totalSessions", "SESSION_COUNT_NOT_SOLD"),
        ("totalSessions", "HYBRID_NOT_30"),
        ("totalSessions", "ODD_SUNDAY_COUNT"),
        ("deliveryMode", "HYBRID_ON_SUNDAYS"),
    ]


def test_the_rules_hold_where_no_zone_serves(api: Api) -> None:
    wanted = a_booking(studentLocation=FAR_AWAY, startDate=in_days(-3))
    assert api.post(BOOKINGS, wanted).faults() == {"startDate": "START_IN_PAST"}
    late = a_booking(studentLocation=FAR_AWAY, preferredTimeSlot="23:21")
    assert api.post(BOOKINGS, late).faults() == {"preferredTimeSlot": "SESSION_CROSSES_MIDNIGHT"}


def test_an_unknown_ranking_policy_is_refused(api: Api, zone: Any) -> None:
    refused = api.post(BOOKINGS, a_booking(rankingPolicy="cheapest"))
    assert (refused.status, refused.faults()) == (400, {"rankingPolicy": "UNKNOWN_RANKING_POLICY"})


def test_a_preview_tells_what_the_receipt_will_and_writes_nothing(
    server: ServerUnderTest, api: Api, zone: Any, clean_database: str
) -> None:
    wanted = a_booking()
    trainers = staff(server, zone, wanted["courseId"], 3)
    wanted["excludedTrainerIds"] = trainers[:1]
    before = count_rows(clean_database)
    answer = api.post(f"{BOOKINGS}/preview", wanted)
    assert answer.status == 200, answer
    assert count_rows(clean_database) == before
    preview = answer.json
    assert_preview(preview)
    assert (preview["status"], preview["zone"], preview["rule"]) == ("ASSIGNED", zone, "ONLY_ONE")
    assert {one["id"] for one in preview["sessions"]} == {None}

    booking = api.created(BOOKINGS, wanted)
    (receipt,) = api.get(f"{BOOKINGS}/{booking['id']}/receipts").json["data"]
    assert receipt["candidates"] == preview["candidates"]
    assert receipt["policy"] == preview["policy"]
    planned = ("number", "mode", "localDate", "localTime", "startsAt", "endsAt")
    assert [[one[name] for name in planned] for one in preview["sessions"]] == [
        [one[name] for name in planned] for one in booking["sessions"]
    ]


def test_a_preview_outside_every_zone(api: Api) -> None:
    preview = api.post(f"{BOOKINGS}/preview", a_booking()).json
    assert_preview(preview)
    assert (preview["status"], preview["rule"]) == ("SERVICE_NOT_AVAILABLE", "NONE")
    assert (preview["zone"], preview["sessions"], preview["candidates"]) == (None, [], [])


def test_the_receipt_says_why(server: ServerUnderTest, api: Api, zone: Any) -> None:
    course_id, stranger = str(uuid4()), str(uuid4())
    free, busy = staff(server, zone, course_id, 2)
    # The lowest id is assigned first, and so has no time for the second booking.
    taken = api.created(BOOKINGS, a_booking(courseId=course_id))
    assert taken["trainerId"] == free
    wanted = a_booking(courseId=course_id, preferredTrainerId=stranger)
    booking = api.created(BOOKINGS, wanted)
    assert booking["trainerId"] == busy
    (receipt,) = api.get(f"{BOOKINGS}/{booking['id']}/receipts").json["data"]
    assert_receipt(receipt)
    assert (receipt["id"], receipt["kind"]) == (booking["receiptId"], "PLACE")
    assert (receipt["bookingId"], receipt["chosen"]) == (booking["id"], busy)
    assert receipt["policy"] == {"name": "balanced", "version": 1}
    assert receipt["directory"]["source"] == "live"
    assert receipt["zone"]["id"] == zone["id"]
    assert receipt["lostClaims"] == []
    assert receipt["ignoredPreference"] == stranger
    chosen, refused = receipt["candidates"]
    assert (chosen["trainerId"], chosen["rank"], chosen["refusals"]) == (busy, 1, [])
    assert chosen["parts"]["distanceBand"] == "WITHIN_3_KM"
    assert refused["parts"]["bookedMinutes"] == 400
    (refusal,) = refused["refusals"]
    assert refusal["rule"] == "SLOT_CONFLICT"
    assert refusal["details"] == {"sessions": list(range(1, 11))}


def test_a_preferred_trainer_comes_first(server: ServerUnderTest, api: Api, zone: Any) -> None:
    course_id = str(uuid4())
    *_, last = staff(server, zone, course_id, 3)
    booking = api.created(BOOKINGS, a_booking(courseId=course_id, preferredTrainerId=last))
    assert booking["trainerId"] == last


def test_the_sessions_are_listed(api: Api, zone: Any) -> None:
    booking = api.created(BOOKINGS, a_booking())
    listed = api.get(f"{BOOKINGS}/{booking['id']}/sessions").json
    assert_listing(listed)
    assert listed["data"] == booking["sessions"]
    assert listed["page"]["nextCursor"] is None
    for session in listed["data"]:
        assert_session(session)


@pytest.mark.parametrize("body", [b"{}", b'{"reason": "The family moves away."}', None, b""])
def test_a_booking_is_cancelled_once(
    server: ServerUnderTest, api: Api, zone: Any, body: bytes | None
) -> None:
    wanted = a_booking()
    staff(server, zone, wanted["courseId"])
    booking = api.created(BOOKINGS, wanted)
    path = f"{BOOKINGS}/{booking['id']}"
    first = api.send("POST", f"{path}/cancel", body)
    assert first.status == 200, first
    assert_booking(first.json)
    assert (first.json["status"], first.json["version"]) == ("CANCELLED", 2)
    assert {one["status"] for one in first.json["sessions"]} == {"CANCELLED"}
    second = api.send("POST", f"{path}/cancel", body)
    assert (second.status, second.json) == (200, first.json)
    place, cancel = api.get(f"{path}/receipts").json["data"]
    assert_receipt(cancel)
    assert (place["kind"], cancel["kind"]) == ("PLACE", "CANCEL")
    assert cancel.get("reason") == (
        None if b"reason" not in (body or b"") else "The family moves away."
    )


def test_a_cancelled_booking_frees_its_time_at_once(
    server: ServerUnderTest, api: Api, zone: Any
) -> None:
    course_id = str(uuid4())
    (only,) = staff(server, zone, course_id)
    booking = api.created(BOOKINGS, a_booking(courseId=course_id))
    api.post(f"{BOOKINGS}/{booking['id']}/cancel", {})
    assert api.created(BOOKINGS, a_booking(courseId=course_id))["trainerId"] == only


def test_a_cancellation_is_read_strictly(api: Api, zone: Any) -> None:
    booking = api.created(BOOKINGS, a_booking())
    refused = api.post(f"{BOOKINGS}/{booking['id']}/cancel", {"reason": 5, "cause": "x"})
    assert refused.faults() == {"reason": "TYPE", "cause": "UNKNOWN"}
    refused = api.send("POST", f"{BOOKINGS}/{booking['id']}/cancel", b"null")
    assert (refused.status, refused.faults()) == (400, {"": "TYPE"})


def test_an_unknown_booking_is_not_found(api: Api) -> None:
    path = f"{BOOKINGS}/{uuid4()}"
    for missing in ("", "/sessions", "/receipts"):
        assert api.get(path + missing).status == 404
    assert api.post(f"{path}/cancel", {}).status == 404


def test_the_schedule_shows_claimed_time(server: ServerUnderTest, api: Api, zone: Any) -> None:
    wanted = a_booking()
    (trainer_id,) = staff(server, zone, wanted["courseId"])
    booking = api.created(BOOKINGS, wanted)
    second_day = booking["sessions"][1]
    days = {"from": second_day["localDate"], "to": second_day["localDate"]}
    shown = api.get(f"/v1/trainers/{trainer_id}/schedule", **days).json
    assert_schedule(shown)
    assert {name: shown[name] for name in ("trainerId", "from", "to")} == {
        "trainerId": trainer_id,
        **days,
    }
    (slot,) = shown["slots"]
    assert slot == {
        "id": slot["id"],
        "state": "BOOKED",
        "localDate": second_day["localDate"],
        "timeslot": "09:00",
        "timeZone": "Asia/Kolkata",
        "startsAt": second_day["startsAt"],
        "endsAt": second_day["endsAt"],
        "bookingId": booking["id"],
        "sessionId": second_day["id"],
        "reason": None,
    }
    api.post(f"{BOOKINGS}/{booking['id']}/cancel", {})
    assert api.get(f"/v1/trainers/{trainer_id}/schedule", **days).json["slots"] == []


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("", {"from": "MISSING", "to": "MISSING"}),
        ("from=2027&to=2026-02-30", {"from": "INVALID", "to": "INVALID"}),
        ("from=2026-01-02&to=2026-01-01", {"to": "BEFORE_FROM"}),
        ("from=2026-01-01&to=2027-02-05", {"to": "TOO_LONG"}),
    ],
)
def test_a_schedule_asks_for_days(api: Api, query: str, faults: dict[str, str]) -> None:
    refused = api.get(f"/v1/trainers/{uuid4()}/schedule?{query}")
    assert (refused.status, refused.faults()) == (400, faults)
