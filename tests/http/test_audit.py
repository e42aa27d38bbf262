"""``GET /admin/audit``: who did what, from where, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.http.api import Api
from tests.http.orders import a_franchise, a_zone

AUDIT = "/admin/audit"
ZONES = "/v1/zones"


@pytest.fixture
def done(api: Api) -> list[Any]:
    """Three deeds: a franchise admitted, and a zone of the company opened and edited."""
    api.created("/v1/franchises", a_franchise())
    zone = api.created(ZONES, a_zone())
    assert api.patch(f"{ZONES}/{zone['id']}", {"version": 1, "priority": 7}).status == 200
    entries: list[Any] = api.get(f"{AUDIT}?sort=at").json["data"]
    return entries


def test_an_entry_says_who_did_what_from_where(api: Api, done: list[Any]) -> None:
    admitted, opened, edited = done
    assert [one["action"] for one in done] == ["CreateFranchise", "CreateZone", "EditZone"]
    assert [one["subjectKind"] for one in done] == ["franchise", "zone", "zone"]
    assert {(one["actor"], one["address"]) for one in done} == {("open-access", "127.0.0.1")}
    assert admitted["franchiseId"] == admitted["subjectId"]
    assert (opened["franchiseId"], opened["change"]["before"]) == (None, None)
    assert edited["change"] == {
        "before": {"priority": 0, "version": 1},
        "after": {"priority": 7, "version": 2},
    }


def test_an_entry_has_the_correlation_id_of_its_request(api: Api) -> None:
    answer = api.post("/v1/franchises", a_franchise())
    (entry,) = api.get(AUDIT).json["data"]
    assert entry["correlationId"] == answer.correlation_id


def test_filters_narrow(api: Api, done: list[Any]) -> None:
    admitted, opened, edited = (one["id"] for one in done)
    later = (datetime.fromisoformat(done[1]["at"]) + timedelta(microseconds=1)).isoformat()
    for query, kept in (
        ("actor=open-access", [admitted, opened, edited]),
        ("actor=nobody", []),
        ("action=EditZone", [edited]),
        ("subjectKind=franchise", [admitted]),
        (f"subjectId={done[1]['subjectId']}", [opened, edited]),
        (f"franchiseId={done[0]['franchiseId']}", [admitted]),
        (f"franchiseId={uuid4()}", []),
        (f"from={done[1]['at']}", [opened, edited]),
        (f"to={done[1]['at']}", [admitted]),
        (f"from={done[1]['at']}&to={later.replace('+00:00', 'Z')}", [opened]),
        ("from=0001-01-01T00:00:00%2B14:00", [admitted, opened, edited]),
        ("to=9999-12-31T23:59:59-12:00&action=CreateZone", [opened]),
    ):
        found = api.get(f"{AUDIT}?sort=at&{query}").json["data"]
        assert [one["id"] for one in found] == kept, query


def test_pages_make_up_the_list(api: Api, done: list[Any]) -> None:
    newest_first = [one["id"] for one in reversed(done)]
    assert [one["id"] for one in api.get(AUDIT).json["data"]] == newest_first
    first = api.get(f"{AUDIT}?limit=2").json
    second = api.get(f"{AUDIT}?limit=2&cursor={first['page']['nextCursor']}").json
    assert [one["id"] for one in first["data"] + second["data"]] == newest_first
    assert second["page"]["nextCursor"] is None


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("actor=", "actor"),
        ("actor=a%00b", "actor"),
        ("subjectId=1", "subjectId"),
        ("from=2027-01-01T00:00:00", "from"),
        ("to=yesterday", "to"),
        ("sort=actor", "sort"),
        ("limit=201", "limit"),
        ("secrets=1", "secrets"),
    ],
)
def test_wrong_parameters_are_refused(used_api: Api, query: str, path: str) -> None:
    refused = used_api.get(f"{AUDIT}?{query}")
    assert (refused.status, list(refused.faults())) == (400, [path])


def test_nobody_writes_to_it(used_api: Api) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert used_api.send(method, AUDIT).status == 405
