"""Which zone serves a place, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.api import Api
from tests.http.orders import CENTRE, FAR_AWAY, NEAR_CENTRE, a_zone
from tests.http.shapes import assert_lookup

ZONES = "/v1/zones"


def look_up(api: Api, place: dict[str, float]) -> Any:
    answer = api.get(f"{ZONES}/lookup", **place)
    assert answer.status == 200, answer
    assert_lookup(answer.json)
    return answer.json


def order(found: Any) -> list[str]:
    return [zone["name"] for zone in found["covering"]]


def test_no_zones_at_all(api: Api) -> None:
    assert look_up(api, CENTRE) == {"zone": None, "rule": "NONE", "covering": [], "nearest": None}


def test_the_only_one(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    found = look_up(api, CENTRE)
    assert (found["rule"], found["zone"], found["nearest"]) == ("ONLY_ONE", zone, None)
    assert found["covering"] == [
        {
            "id": zone["id"],
            "name": zone["name"],
            "operator": "COMPANY",
            "priority": 0,
            "radiusKm": 12.0,
            "distanceMetres": 0.0,
        }
    ]


def test_priority_decides_first(api: Api) -> None:
    api.created(ZONES, a_zone(name="near", centre=NEAR_CENTRE, radiusKm=3))
    api.created(ZONES, a_zone(name="urgent", priority=1))
    found = look_up(api, NEAR_CENTRE)
    assert (found["rule"], order(found)) == ("PRIORITY", ["urgent", "near"])


def test_then_the_nearest_centre(api: Api) -> None:
    api.created(ZONES, a_zone(name="small", radiusKm=5))
    api.created(ZONES, a_zone(name="near", centre=NEAR_CENTRE, radiusKm=50))
    found = look_up(api, NEAR_CENTRE)
    assert (found["rule"], order(found)) == ("NEAREST_CENTRE", ["near", "small"])


def test_then_the_smallest_radius(api: Api) -> None:
    api.created(ZONES, a_zone(name="large", radiusKm=20))
    api.created(ZONES, a_zone(name="small", radiusKm=19.5))
    found = look_up(api, NEAR_CENTRE)
    assert (found["rule"], order(found)) == ("SMALLEST_RADIUS", ["small", "large"])


def test_then_the_lowest_id(api: Api) -> None:
    api.created(ZONES, a_zone(name="first"))
    api.created(ZONES, a_zone(name="second"))
    found = look_up(api, NEAR_CENTRE)
    assert (found["rule"], order(found)) == ("LOWEST_ID", ["first", "second"])
    assert found["zone"]["name"] == "first"


def test_a_miss_names_the_nearest(api: Api) -> None:
    api.created(ZONES, a_zone(name="far", centre={"latitude": 60, "longitude": 20}))
    near = api.created(ZONES, a_zone(name="near", centre={"latitude": 0, "longitude": 0}))
    found = look_up(api, {"latitude": 0, "longitude": 1})
    assert (found["zone"], found["rule"], found["covering"]) == (None, "NONE", [])
    assert (found["nearest"]["id"], found["nearest"]["name"]) == (near["id"], "near")
    # One degree on a sphere of 6,371,009 m.
    assert found["nearest"]["distanceMetres"] == pytest.approx(111_195.08, abs=0.01)


def test_an_archived_zone_covers_nothing(api: Api) -> None:
    zone = api.created(ZONES, a_zone())
    api.post(f"{ZONES}/{zone['id']}/archive")
    assert look_up(api, CENTRE)["rule"] == "NONE"
    assert look_up(api, FAR_AWAY)["nearest"] is None


def test_across_the_antimeridian(api: Api) -> None:
    api.created(ZONES, a_zone(name="date line", centre={"latitude": 0, "longitude": 179.99}))
    assert order(look_up(api, {"latitude": 0, "longitude": -179.99})) == ["date line"]


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("", {"latitude": "MISSING", "longitude": "MISSING"}),
        ("latitude=91&longitude=-180.5", {"latitude": "INVALID", "longitude": "INVALID"}),
        ("latitude=nan&longitude=x", {"latitude": "INVALID", "longitude": "TYPE"}),
        ("latitude=inf&longitude=1e999", {"latitude": "INVALID", "longitude": "INVALID"}),
        ("latitude=&longitude=1", {"latitude": "TYPE"}),
    ],
)
def test_a_place_must_be_on_earth(api: Api, query: str, faults: dict[str, str]) -> None:
    refused = api.get(f"{ZONES}/lookup?{query}")
    assert (refused.status, refused.faults()) == (400, faults)
