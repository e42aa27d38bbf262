"""Changes of zones and their lines over HTTP: who would be left behind, and who is promoted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.http.life_stage import BOOKINGS, Life, the
from tests.http.orders import CENTRE, NEAR_CENTRE, a_zone
from tests.http.shapes import PROMOTED, assert_booking, assert_members, assert_zone_preview

SMALLER = {"version": 1, "radiusKm": 1.0}
"""Without the students of the examples, who live at a distance of about 1.5 km."""


def path_of(life: Life, command: str = "") -> str:
    return f"/v1/zones/{life.zone['id']}{command}"


def as_it_was(zone: Any) -> Any:
    return {name: value for name, value in zone.items() if name != "updatedAt"}


def left_behind(preview: Any) -> list[Any]:
    assert_zone_preview(preview)
    found: list[Any] = preview["leftBehind"]
    return found


def test_an_edit_that_leaves_bookings_outside_is_previewed_and_refused(life: Life) -> None:
    life.staff({}, {})
    outside = life.book()
    inside = life.book(studentLocation=CENTRE)
    assert {outside["status"], inside["status"]} == {"ASSIGNED"}
    preview = life.preview(path_of(life, "/preview"), SMALLER)
    (behind,) = left_behind(preview)
    assert behind == {
        "bookingId": outside["id"],
        "status": "ASSIGNED",
        "sessions": 10,
        "reason": "NOT_COVERED",
        "servedBy": None,
    }
    assert preview["students"] == 1
    life.refused(path_of(life), SMALLER, 409, "ZONE_HAS_BOOKINGS", method="PATCH")
    kept = life.api.patch(path_of(life), SMALLER | {"keepBookings": True})
    assert (kept.status, as_it_was(kept.json)) == (200, as_it_was(preview["zone"]))
    assert kept.json == life.api.get(path_of(life)).json
    assert life.booking(outside["id"]) == outside, "it keeps its trainer and its times"
    assert life.api.get("/v1/zones/lookup", **NEAR_CENTRE).json["zone"] is None


def test_a_preview_names_the_zone_that_would_serve(life: Life) -> None:
    life.staff({})
    life.book()
    other = life.api.created("/v1/zones", a_zone(priority=-1, radiusKm=20))
    (behind,) = left_behind(life.preview(path_of(life, "/archive/preview")))
    assert behind["servedBy"] == {"id": other["id"], "name": other["name"]}
    life.do(path_of(life, "/archive"), {"keepBookings": True})
    served = life.api.get("/v1/zones/lookup", **NEAR_CENTRE).json["zone"]
    assert {name: served[name] for name in ("id", "name")} == behind["servedBy"]


def test_who_was_kept_outside_before_hinders_no_other_edit(life: Life) -> None:
    life.staff({}, {})
    life.book()
    life.book(studentLocation=CENTRE)
    assert life.api.patch(path_of(life), SMALLER | {"keepBookings": True}).status == 200
    renamed = {"version": 2, "name": "Another name", "radiusKm": 0.9}
    assert left_behind(life.preview(path_of(life, "/preview"), renamed)) == []
    assert life.api.patch(path_of(life), renamed).status == 200


def test_another_time_zone_leaves_everybody_behind(life: Life) -> None:
    life.staff({})
    booking = life.book()
    elsewhere = {"version": 1, "timeZone": "Asia/Tokyo"}
    (behind,) = left_behind(life.preview(path_of(life, "/preview"), elsewhere))
    assert (behind["bookingId"], behind["reason"]) == (booking["id"], "OTHER_TIME_ZONE")
    assert behind["servedBy"]["id"] == life.zone["id"]
    life.refused(path_of(life), elsewhere, 409, "ZONE_HAS_BOOKINGS", method="PATCH")


def test_an_edit_that_leaves_nobody_behind_is_just_made(life: Life) -> None:
    life.staff({})
    life.book()
    wider = {"version": 1, "radiusKm": 20.0, "name": "Wider"}
    assert left_behind(life.preview(path_of(life, "/preview"), wider)) == []
    assert life.api.patch(path_of(life), wider).status == 200


def test_only_what_is_still_to_be_taught_counts(life: Life) -> None:
    life.staff({})
    booking = life.book()
    waiting = life.book()
    assert waiting["status"] == "WAITLISTED"
    life.at_start_of(the(booking, 4))
    behind = {one["bookingId"]: one for one in left_behind(archive_preview(life))}
    assert behind[booking["id"]]["sessions"] == 6
    assert behind.keys() == {booking["id"], waiting["id"]}
    life.refused(path_of(life, "/archive"), {}, 409, "ZONE_HAS_BOOKINGS")
    life.do(f"{BOOKINGS}/{booking['id']}/cancel")
    life.do(path_of(life, "/archive"))


def archive_preview(life: Life) -> Any:
    return life.preview(path_of(life, "/archive/preview"), {})


def test_archiving_does_what_was_previewed_and_only_once(life: Life) -> None:
    life.staff({})
    booking = life.book()
    preview = archive_preview(life)
    assert (preview["sessions"], preview["bookings"], preview["students"]) == (10, 1, 1)
    archived = life.do(path_of(life, "/archive"), {"keepBookings": True})
    assert as_it_was(archived) == as_it_was(preview["zone"])
    life.same_again(path_of(life, "/archive"), {}, archived)
    assert left_behind(archive_preview(life)) == []
    # The course goes on: its sessions may still be moved and handed over.
    later = {"localDate": "2027-04-20", "localTime": "10:30"}
    life.of_session(the(booking, 1), "reschedule", later)


@pytest.mark.parametrize(
    ("command", "body"),
    [("/preview", {"version": 1}), ("/archive/preview", {}), ("/archive", {})],
)
def test_an_unknown_zone_is_not_found(life: Life, command: str, body: Any) -> None:
    life.refused(f"/v1/zones/{uuid4()}{command}", body, 404, "NOT_FOUND")


def test_a_preview_is_refused_as_the_edit_would_be(life: Life) -> None:
    life.do(path_of(life, "/archive"))
    for method, path in (("POST", path_of(life, "/preview")), ("PATCH", path_of(life))):
        life.refused(path, {"version": 1}, 409, "VERSION_CONFLICT", method)
        life.refused(path, {"version": 2, "priority": 1}, 409, "ILLEGAL_STATE", method)
        refused = life.refused(
            path, {"version": 2, "radiusKm": 0}, 400, "VALIDATION_FAILED", method
        )
        assert refused.faults() == {"radiusKm": "INVALID"}


def book_a_minute_later(life: Life, **changes: Any) -> str:
    life.clock.advance(timedelta(minutes=1))
    return str(life.book(**changes)["id"])


def promote(life: Life) -> Any:
    shown = life.do(path_of(life, "/waitlist/promote"), {"courseId": life.course_id})
    assert_members(shown, PROMOTED)
    for booking in shown["promoted"]:
        assert_booking(booking)
    return shown


def test_a_line_is_promoted_in_its_order(life: Life) -> None:
    waiting = [book_a_minute_later(life) for _ in range(3)]
    other_time = book_a_minute_later(life, preferredTimeSlot="12:00")
    line = [*waiting, other_time]
    stored = life.digest()
    assert promote(life) == {"promoted": [], "waiting": line}
    assert life.digest() == stored, "who waits on has lost nothing"
    (trainer_id,) = life.staff({})
    shown = promote(life)
    assert [booking["id"] for booking in shown["promoted"]] == [waiting[0], other_time]
    assert shown["waiting"] == waiting[1:]
    for booking in shown["promoted"]:
        assert (booking["status"], booking["trainerId"]) == ("ASSIGNED", trainer_id)
        assert booking["version"] == 2
    assert [receipt["kind"] for receipt in life.receipts(waiting[0])] == ["PLACE", "PROMOTE"]
    assert [life.booking(id_)["waitlistPosition"] for id_ in waiting[1:]] == [1, 2]
    life.do(f"{BOOKINGS}/{waiting[0]}/cancel")
    shown = promote(life)
    assert [booking["id"] for booking in shown["promoted"]] == [waiting[1]]
    assert shown["waiting"] == waiting[2:]


def test_lines_are_read_strictly(life: Life) -> None:
    path = path_of(life, "/waitlist/promote")
    assert life.refused(path, {}, 400, "VALIDATION_FAILED").faults() == {"courseId": "MISSING"}
    life.same_again(path, {"courseId": str(uuid4())}, {"promoted": [], "waiting": []})
