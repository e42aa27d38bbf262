"""Zones over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import a_franchise, a_zone
from tests.http.shapes import assert_listing, assert_zone

ZONES = "/v1/zones"


@pytest.fixture
def franchise_id(api: Api) -> str:
    return str(api.created("/v1/franchises", a_franchise())["id"])


def names(zones: list[Any]) -> list[str]:
    return [zone["name"] for zone in zones]


def test_the_company_opens_a_zone(api: Api) -> None:
    wanted = a_zone(name=" Vijayawada  East ", priority=3)
    shown = api.created(ZONES, wanted)
    assert_zone(shown)
    assert shown | wanted | {"name": "Vijayawada East"} == shown
    assert (shown["operator"], shown["status"], shown["version"]) == ("COMPANY", "ACTIVE", 1)
    assert api.get(f"{ZONES}/{shown['id']}").json == shown


def test_a_franchise_opens_a_zone(api: Api, franchise_id: str) -> None:
    shown = api.created(ZONES, a_zone(franchiseId=franchise_id))
    assert_zone(shown)
    assert (shown["operator"], shown["franchiseId"]) == ("FRANCHISE", franchise_id)
    assert shown["priority"] == 0


def test_an_unknown_franchise_opens_no_zone(api: Api) -> None:
    refused = api.post(ZONES, a_zone(franchiseId=str(uuid4())))
    assert refused.status == 400
    assert refused.faults() == {"franchiseId": "UNKNOWN_FRANCHISE"}


def test_a_suspended_franchise_opens_no_zone(api: Api, franchise_id: str) -> None:
    api.patch(f"/v1/franchises/{franchise_id}", {"status": "SUSPENDED"})
    refused = api.post(ZONES, a_zone(franchiseId=franchise_id))
    assert (refused.status, refused.error["code"]) == (409, "ILLEGAL_STATE")


def test_a_name_is_unique_for_each_operator(api: Api, franchise_id: str) -> None:
    api.created(ZONES, a_zone(name="Süd"))
    api.created(ZONES, a_zone(name="Süd", franchiseId=franchise_id))
    for taken in (a_zone(name="  SÜD "), a_zone(name="süd", franchiseId=franchise_id)):
        refused = api.post(ZONES, taken)
        assert (refused.status, refused.error["code"]) == (409, "ZONE_NAME_TAKEN")


@pytest.mark.parametrize("radius", [0, -1, 500.1])
def test_a_radius_has_bounds(api: Api, radius: float) -> None:
    assert api.post(ZONES, a_zone(radiusKm=radius)).faults() == {"radiusKm": "INVALID"}


def test_the_largest_radius_is_allowed(api: Api) -> None:
    assert api.created(ZONES, a_zone(radiusKm=500))["radiusKm"] == 500


def test_an_unknown_time_zone_is_refused(api: Api) -> None:
    refused = api.post(ZONES, a_zone(timeZone="Asia/Vijayawada"))
    assert (refused.status, refused.faults()) == (400, {"timeZone": "INVALID"})


def test_a_patch_changes_what_it_names(api: Api) -> None:
    before = api.created(ZONES, a_zone())
    changes = {
        "name": "Moved",
        "centre": {"latitude": -1.5, "longitude": 179.5},
        "radiusKm": 7.25,
        "timeZone": "Pacific/Auckland",
        "priority": -2,
    }
    answer = api.patch(f"{ZONES}/{before['id']}", {"version": 1, **changes})
    assert answer.status == 200, answer
    after = answer.json
    assert_zone(after)
    assert after == before | changes | {"version": 2, "updatedAt": after["updatedAt"]}


def test_a_stale_patch_is_refused(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    path = f"{ZONES}/{zone['id']}"
    api.patch(path, {"version": 1, "priority": 1})
    refused = api.patch(path, {"version": 1, "priority": 2})
    assert (refused.status, refused.error["code"]) == (409, "VERSION_CONFLICT")
    assert api.get(path).json["priority"] == 1


def test_a_patch_needs_a_version(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    assert api.patch(f"{ZONES}/{zone['id']}", {"priority": 1}).faults() == {"version": "MISSING"}


def test_a_patch_that_changes_nothing_keeps_the_version(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    same = {"version": 1, "name": zone["name"]}
    assert api.patch(f"{ZONES}/{zone['id']}", same).json == zone


def test_a_patch_into_a_taken_name_is_refused(api: Api) -> None:
    api.created(ZONES, a_zone(name="Taken"))
    zone = api.created(ZONES, a_zone())
    refused = api.patch(f"{ZONES}/{zone['id']}", {"version": 1, "name": "taken"})
    assert (refused.status, refused.error["code"]) == (409, "ZONE_NAME_TAKEN")


def test_a_zone_is_archived_once(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    first = api.post(f"{ZONES}/{zone['id']}/archive")
    assert first.status == 200
    assert_zone(first.json)
    assert (first.json["status"], first.json["version"]) == ("ARCHIVED", 2)
    second = api.post(f"{ZONES}/{zone['id']}/archive")
    assert (second.status, second.json) == (200, first.json)


def test_archiving_takes_no_input(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    refused = api.post(f"{ZONES}/{zone['id']}/archive", {"version": 7})
    assert refused.faults() == {"version": "UNKNOWN"}
    assert api.get(f"{ZONES}/{zone['id']}").json["status"] == "ACTIVE"
    assert api.post(f"{ZONES}/{zone['id']}/archive", {}).status == 200


@pytest.mark.parametrize("field", ["name", "centre", "radiusKm", "timeZone", "priority"])
def test_null_is_no_way_to_leave_a_field_as_it_is(api: Api, field: str) -> None:
    zone = api.created(ZONES, a_zone())
    refused = api.patch(f"{ZONES}/{zone['id']}", {"version": 1, field: None})
    assert refused.faults() == {field: "TYPE"}


def test_an_archived_zone_is_not_edited(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    api.post(f"{ZONES}/{zone['id']}/archive")
    refused = api.patch(f"{ZONES}/{zone['id']}", {"version": 2, "priority": 1})
    assert (refused.status, refused.error["code"]) == (409, "ILLEGAL_STATE")


def test_an_unknown_zone_is_not_found(api: Api) -> None:
    path = f"{ZONES}/{uuid4()}"
    assert api.get(path).status == 404
    assert api.patch(path, {"version": 1}).status == 404
    assert api.post(f"{path}/archive").status == 404


def test_the_list_has_its_shape(api: Api) -> None:
    api.created(ZONES, a_zone())
    page = api.get(ZONES, limit=200).json
    assert_listing(page)
    assert page["page"] == {"nextCursor": None, "limit": 200}
    for zone in page["data"]:
        assert_zone(zone)


def test_the_list_is_filtered(api: Api, franchise_id: str) -> None:
    api.created(ZONES, a_zone(name="Company India"))
    api.created(ZONES, a_zone(name="Company Japan", timeZone="Asia/Tokyo"))
    api.created(ZONES, a_zone(name="Franchise India", franchiseId=franchise_id))
    closed = api.created(ZONES, a_zone(name="Closed 100%"))
    api.post(f"{ZONES}/{closed['id']}/archive")

    def found(**filters: str) -> list[str]:
        return sorted(names(api.walk(ZONES, limit=1, **filters)))

    assert found(operator="COMPANY") == ["Closed 100%", "Company India", "Company Japan"]
    assert found(operator="FRANCHISE") == ["Franchise India"]
    assert found(franchiseId=franchise_id) == ["Franchise India"]
    assert found(franchiseId=str(uuid4())) == []
    assert found(status="ARCHIVED") == ["Closed 100%"]
    assert found(status="ACTIVE") == ["Company India", "Company Japan", "Franchise India"]
    assert found(timeZone="Asia/Tokyo") == ["Company Japan"]
    assert found(name="company") == ["Company India", "Company Japan"]
    assert found(name="%") == []
    assert found(name="closed 100%") == ["Closed 100%"]
    assert found(operator="COMPANY", status="ACTIVE", name="COMPANY I") == ["Company India"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
@pytest.mark.parametrize("sort", ["name", "createdAt"])
def test_the_list_is_sorted_both_ways_and_walked_to_its_end(
    api: Api, franchise_id: str, sort: str, limit: int
) -> None:
    for name in ("cherry", "Apple", "damson", "BANANA"):
        api.created(ZONES, a_zone(name=name))
    # The same name once more: the id decides.
    api.created(ZONES, a_zone(name="cherry", franchiseId=franchise_id))
    ascending = api.walk(ZONES, sort=sort, limit=limit)
    assert api.walk(ZONES, sort=f"-{sort}", limit=limit) == ascending[::-1]
    expected = {
        "name": ["Apple", "BANANA", "cherry", "cherry", "damson"],
        "createdAt": ["cherry", "Apple", "damson", "BANANA", "cherry"],
    }
    assert names(ascending) == expected[sort]
    assert len({zone["id"] for zone in ascending}) == 5


def test_a_row_that_comes_while_walking_disturbs_nothing(api: Api) -> None:
    for name in ("B", "D", "F"):
        api.created(ZONES, a_zone(name=name))
    first = api.get(ZONES, sort="name", limit=2).json
    api.created(ZONES, a_zone(name="A"))
    api.created(ZONES, a_zone(name="E"))
    rest = api.walk(ZONES, sort="name", limit=2)
    following = api.get(ZONES, sort="name", limit=2, cursor=first["page"]["nextCursor"]).json
    assert names(first["data"]) + names(following["data"]) == ["B", "D", "E", "F"]
    assert names(rest) == ["A", "B", "D", "E", "F"]
