"""Unserved demand over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import a_booking, a_student, a_zone, in_days
from tests.http.shapes import assert_instant, assert_listing, assert_members

DEMAND = "/v1/service-demand"
NEAR = {"latitude": 17.05, "longitude": 80.65}
"""Half a degree north of the zone, beyond its reach."""

FURTHER = {"latitude": 17.25, "longitude": 80.65}


def ordered(api: Api, place: dict[str, float], **changes: Any) -> Any:
    placed = api.created("/v1/bookings", a_booking(studentLocation=place, **changes))
    assert placed["status"] == "SERVICE_NOT_AVAILABLE"
    return placed


def assert_demand(shown: Any) -> None:
    assert_members(
        shown,
        {
            "nearestZone", "cell", "bookings", "students", "courses", "firstCreatedAt",
            "lastCreatedAt",
        },
    )  # fmt: skip
    assert_members(shown["cell"], {"south", "west", "north", "east"})
    for course in shown["courses"]:
        assert_members(course, {"courseId", "bookings"})
    if shown["nearestZone"] is not None:
        assert_members(
            shown["nearestZone"], {"id", "name", "leastDistanceMetres", "meanDistanceMetres"}
        )
    assert_instant(shown["firstCreatedAt"])
    assert_instant(shown["lastCreatedAt"])


def test_unserved_bookings_are_grouped_by_zone_and_cell(api: Api) -> None:
    zone = api.created("/v1/zones", a_zone(name="Vijayawada"))
    course_id, student = str(uuid4()), a_student()
    made = [ordered(api, NEAR, courseId=course_id, students=[student]) for _ in range(2)]
    made.append(ordered(api, NEAR | {"longitude": 80.69}))
    ordered(api, FURTHER)
    api.created("/v1/bookings", a_booking())

    page = api.get(DEMAND).json
    assert_listing(page)
    for group in page["data"]:
        assert_demand(group)
    near, further = page["data"]
    assert near["cell"] == {"south": 17.0, "west": 80.6, "north": 17.1, "east": 80.7}
    assert (near["bookings"], near["students"]) == (3, 2)
    assert near["courses"][0] == {"courseId": course_id, "bookings": 2}
    assert len(near["courses"]) == 2
    assert (near["nearestZone"]["id"], near["nearestZone"]["name"]) == (zone["id"], "Vijayawada")
    distances = [one["nearestZone"]["distanceMetres"] for one in made]
    assert near["nearestZone"]["leastDistanceMetres"] == min(distances)
    assert near["nearestZone"]["meanDistanceMetres"] == pytest.approx(sum(distances) / 3)
    assert near["firstCreatedAt"] == made[0]["createdAt"]
    assert near["lastCreatedAt"] == made[-1]["createdAt"]
    assert (further["bookings"], further["cell"]["south"]) == (1, 17.2)


def test_before_the_first_zone_there_is_none_nearest(api: Api) -> None:
    ordered(api, {"latitude": 90, "longitude": 180})
    ordered(api, {"latitude": -90, "longitude": -180})
    groups = api.get(DEMAND, cellDegrees="1").json["data"]
    assert [group["nearestZone"] for group in groups] == [None, None]
    assert [group["cell"] for group in groups] == [
        {"south": 89.0, "west": -180.0, "north": 90.0, "east": -179.0},
        {"south": -90.0, "west": -180.0, "north": -89.0, "east": -179.0},
    ]


@pytest.mark.parametrize(("degrees", "groups"), [("0.05", 3), ("0.1", 2), ("0.5", 1), ("1", 1)])
def test_cells_are_as_large_as_asked_for(api: Api, degrees: str, groups: int) -> None:
    for place in (NEAR, NEAR | {"longitude": 80.64}, FURTHER):
        ordered(api, place)
    assert len(api.get(DEMAND, cellDegrees=degrees).json["data"]) == groups


def test_the_list_is_filtered(api: Api) -> None:
    zone = api.created("/v1/zones", a_zone())
    course_id = str(uuid4())
    ordered(api, NEAR, courseId=course_id)
    gone = ordered(api, FURTHER)

    def found(**filters: str) -> int:
        return sum(group["bookings"] for group in api.walk(DEMAND, limit=1, **filters))

    assert found() == 2
    assert found(courseId=course_id) == 1
    assert found(courseId=str(uuid4())) == 0
    assert found(nearestZoneId=zone["id"]) == 2
    assert found(nearestZoneId=str(uuid4())) == 0
    assert found(**{"from": in_days(-1), "to": in_days(1)}) == 2
    assert found(**{"from": in_days(2)}) == 0
    assert found(to=in_days(-2)) == 0
    assert found(**{"from": "0001-01-01", "to": "9999-12-31"}) == 2
    api.post(f"/v1/bookings/{gone['id']}/cancel", {})
    assert found() == 1


def test_the_most_wanted_come_first_and_the_list_is_walked_to_its_end(api: Api) -> None:
    for tenths, bookings in ((0, 1), (1, 3), (2, 2), (3, 1)):
        for _ in range(bookings):
            ordered(api, {"latitude": 10.05 + tenths / 10, "longitude": 20.05})
    whole = api.walk(DEMAND, limit=1)
    assert [group["bookings"] for group in whole] == [3, 2, 1, 1]
    assert [group["cell"]["south"] for group in whole] == [10.1, 10.2, 10.3, 10.0]
    assert api.walk(DEMAND, limit=3, sort="-bookings") == whole
    assert api.walk(DEMAND, limit=1, sort="bookings") == whole[::-1]


def test_what_is_wrong_is_named(api: Api) -> None:
    refused = api.get(DEMAND, cellDegrees="0.2", sort="students", courseId="x", km=1)
    assert refused.faults() == {
        "cellDegrees": "INVALID",
        "sort": "INVALID",
        "courseId": "INVALID",
        "km": "UNKNOWN",
    }
    backwards = api.get(DEMAND, **{"from": in_days(1), "to": in_days(0)})
    assert backwards.faults() == {"to": "BEFORE_FROM"}


def test_a_cursor_is_good_for_its_own_list(api: Api) -> None:
    ordered(api, NEAR)
    ordered(api, FURTHER)
    cursor = api.get(DEMAND, limit=1).json["page"]["nextCursor"]
    assert api.get(DEMAND, limit=1, cursor=cursor).status == 200
    refused = api.get(DEMAND, limit=1, cursor=cursor, cellDegrees="1")
    assert (refused.status, refused.error["code"]) == (400, "INVALID_CURSOR")
