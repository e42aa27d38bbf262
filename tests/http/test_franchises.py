"""Franchises over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import a_franchise
from tests.http.shapes import assert_franchise, assert_listing

FRANCHISES = "/v1/franchises"


def test_a_franchise_is_admitted(api: Api) -> None:
    shown = api.created(FRANCHISES, {"name": "  Krishna   Learning ", "timeZone": "Asia/Kolkata"})
    assert_franchise(shown)
    assert (shown["name"], shown["status"]) == ("Krishna Learning", "ACTIVE")
    assert shown["timeZone"] == "Asia/Kolkata"
    assert api.get(f"{FRANCHISES}/{shown['id']}").json == shown


def test_a_franchise_may_have_no_time_zone(api: Api) -> None:
    shown = api.created(FRANCHISES, {"name": "Nowhere"})
    assert_franchise(shown)
    assert "timeZone" not in shown


def test_a_name_is_taken_once_folded(api: Api) -> None:
    api.created(FRANCHISES, {"name": "Straße  Süd"})
    refused = api.post(FRANCHISES, {"name": "STRASSE süd"})
    assert (refused.status, refused.error["code"]) == (409, "FRANCHISE_NAME_TAKEN")


def test_an_unknown_franchise_is_not_found(api: Api) -> None:
    assert api.get(f"{FRANCHISES}/{uuid4()}").status == 404
    assert api.patch(f"{FRANCHISES}/{uuid4()}", {"name": "X"}).status == 404


def test_a_patch_changes_what_it_names(api: Api) -> None:
    before = api.created(FRANCHISES, a_franchise())
    answer = api.patch(f"{FRANCHISES}/{before['id']}", {"name": "Renamed", "status": "SUSPENDED"})
    assert answer.status == 200
    after = answer.json
    assert_franchise(after)
    assert after["updatedAt"] > before["updatedAt"]
    changed = {"name": "Renamed", "status": "SUSPENDED", "updatedAt": after["updatedAt"]}
    assert after == before | changed


def test_a_patch_takes_the_time_zone_away(api: Api) -> None:
    before = api.created(FRANCHISES, a_franchise())
    after = api.patch(f"{FRANCHISES}/{before['id']}", {"timeZone": None}).json
    assert "timeZone" not in after


def test_an_empty_patch_changes_nothing(api: Api) -> None:
    before = api.created(FRANCHISES, a_franchise())
    answer = api.patch(f"{FRANCHISES}/{before['id']}", {})
    assert (answer.status, answer.json) == (200, before)


@pytest.mark.parametrize("sort", ["name", "createdAt"])
def test_the_list_is_sorted_both_ways_and_walked_to_its_end(api: Api, sort: str) -> None:
    for name in ("Cherry", "apple", "Banana", "Élan", "damson"):
        api.created(FRANCHISES, {"name": name})
    ascending = api.walk(FRANCHISES, sort=sort, limit=2)
    descending = api.walk(FRANCHISES, sort=f"-{sort}", limit=2)
    assert len(ascending) == 5
    assert descending == ascending[::-1]
    if sort == "createdAt":
        assert [one["createdAt"] for one in ascending] == sorted(
            one["createdAt"] for one in ascending
        )
    else:
        assert [one["name"] for one in ascending][:4] == ["apple", "Banana", "Cherry", "damson"]


def test_the_list_is_filtered_by_status(api: Api) -> None:
    kept, gone = (api.created(FRANCHISES, a_franchise()) for _ in range(2))
    api.patch(f"{FRANCHISES}/{gone['id']}", {"status": "SUSPENDED"})
    assert [one["id"] for one in api.walk(FRANCHISES, status="ACTIVE")] == [kept["id"]]
    assert [one["id"] for one in api.walk(FRANCHISES, status="SUSPENDED")] == [gone["id"]]


def test_the_list_has_its_shape(api: Api) -> None:
    api.created(FRANCHISES, a_franchise())
    page = api.get(FRANCHISES).json
    assert_listing(page)
    assert page["page"] == {"nextCursor": None, "limit": 50}
    for franchise in page["data"]:
        assert_franchise(franchise)
