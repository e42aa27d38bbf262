"""The list of bookings: its filters, its sorts, its pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import FAR_AWAY, a_booking, a_franchise, a_trainer_for, a_zone, in_days
from tests.http.server_under_test import ServerUnderTest
from tests.http.shapes import assert_booking, assert_listing

BOOKINGS = "/v1/bookings"


def ids(bookings: list[Any]) -> list[str]:
    return [booking["id"] for booking in bookings]


def test_the_list_is_filtered(server: ServerUnderTest, api: Api) -> None:
    franchise = api.created("/v1/franchises", a_franchise())
    ours = api.created("/v1/zones", a_zone())
    theirs = api.created(
        "/v1/zones", a_zone(franchiseId=franchise["id"], centre={"latitude": 1, "longitude": 1})
    )
    course_id = str(uuid4())
    trainer = a_trainer_for(ours, course_id)
    server.sandbox.roster.add([trainer])
    assigned = api.created(BOOKINGS, a_booking(courseId=course_id))
    waiting = api.created(BOOKINGS, a_booking(studentLocation=theirs["centre"]))
    unserved = api.created(BOOKINGS, a_booking(studentLocation=FAR_AWAY, startDate=in_days(60)))
    gone = api.created(BOOKINGS, a_booking(startDate=in_days(90)))
    api.post(f"{BOOKINGS}/{gone['id']}/cancel", {})

    def found(**filters: str) -> set[str]:
        rows = api.walk(BOOKINGS, limit=1, **filters)
        for booking in rows:
            assert_booking(booking)
        return set(ids(rows))

    assert found() == {assigned["id"], waiting["id"], unserved["id"], gone["id"]}
    assert found(status="ASSIGNED") == {assigned["id"]}
    assert found(status="WAITLISTED") == {waiting["id"]}
    assert found(status="SERVICE_NOT_AVAILABLE") == {unserved["id"]}
    assert found(status="CANCELLED") == {gone["id"]}
    assert found(status="PENDING") == set()
    assert found(zoneId=ours["id"]) == {assigned["id"], gone["id"]}
    assert found(franchiseId=franchise["id"]) == {waiting["id"]}
    assert found(trainerId=str(trainer.id)) == {assigned["id"]}
    assert found(courseId=course_id) == {assigned["id"]}
    assert found(date=in_days(30)) == {assigned["id"], waiting["id"]}
    assert found(date=in_days(39)) == {assigned["id"], waiting["id"]}
    assert found(date=in_days(40)) == set()
    assert found(zoneId=ours["id"], status="ASSIGNED", courseId=str(uuid4())) == set()


@pytest.mark.parametrize("sort", ["createdAt", "startDate"])
def test_the_list_is_sorted_both_ways_and_walked_to_its_end(api: Api, sort: str) -> None:
    for days in (40, 30, 50, 30, 30):
        api.created(BOOKINGS, a_booking(startDate=in_days(days)))
    ascending = api.walk(BOOKINGS, sort=sort, limit=2)
    assert len(set(ids(ascending))) == 5
    assert [one[sort] for one in ascending] == sorted(one[sort] for one in ascending)
    assert ids(api.walk(BOOKINGS, sort=f"-{sort}", limit=2)) == ids(ascending)[::-1]


def test_the_newest_come_first(api: Api) -> None:
    made = [api.created(BOOKINGS, a_booking())["id"] for _ in range(3)]
    page = api.get(BOOKINGS).json
    assert_listing(page)
    assert ids(page["data"]) == made[::-1]
