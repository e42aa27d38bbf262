"""Refused requests that look like attempts are told of in the log, without what they sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from litestar.testing import TestClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from muster.plugin_api import redacted
from muster_edge.attempt_signs import MOST_LOOKED_AT, signs_in
from muster_edge.audited_attempts import ENTERED_OF_ALL
from muster_edge.refused_attempts import TOLD_OF_ALL, TOLD_OF_ONE
from tests.unit.edge.asking import edge, from_peer

SOURCE = "203.0.113.9"
ATTEMPTS = {
    "sql": "/v1/zones/1'%20OR%20'1'='1",
    "control": "/v1/zones/a%00b",
    "path": "/v1/zones/..%2f..%2fetc%2fpasswd",
    "script": "/v1/zones?cursor=%3Cscript%3Ealert(1)",
    "template": "/v1/zones?sort=${jndi:ldap://x}",
    "operator": "/v1/zones?status[$ne]=1",
}


def told(paths: Sequence[str], source: str = SOURCE, **settings: str) -> list[dict[str, Any]]:
    with capture_logs([merge_contextvars]) as lines, edge(**settings) as client:
        for path in paths:
            answer = client.get(path, headers=from_peer(source, x_correlation_id="mine"))
            assert 400 <= answer.status_code < 500, path
    return [dict(line) for line in lines if line["event"] == "attempt_refused"]


@pytest.mark.parametrize("kind", ATTEMPTS)
def test_it_is_told_from_where_and_for_which_request(kind: str) -> None:
    (line,) = told([ATTEMPTS[kind]])
    assert (line["source"], line["correlation_id"]) == (SOURCE, "mine")
    assert line["log_level"] == "warning"
    assert kind in {sign for signs in line["signs"].values() for sign in signs}
    # The line is redacted as every line is, and still tells who it was.
    assert redacted({"source": SOURCE}) == {"source": SOURCE}


def test_nothing_of_what_was_sent_is_kept() -> None:
    for path in ATTEMPTS.values():
        (line,) = told([path])
        values = {key: value for key, value in line.items() if key not in ("source", "route")}
        assert not any(part in json.dumps(values) for part in ("OR", "passwd", "jndi", "alert"))
        assert line["route"] in (None, "/v1/zones", "/v1/zones/{zone_id}")


def test_what_looks_like_none_is_not_told() -> None:
    paths = ["/v1/zones/nothing", "/nowhere", "/v1/zones?name=O'Brien&nonsense=5%25+of+Rock'n'Roll"]
    assert told(paths) == []


def test_what_is_taken_literally_is_not_told() -> None:
    with capture_logs() as lines, edge() as client:
        assert client.get("/v1/zones?name=' OR 1=1 --").status_code == 200
    assert not [line for line in lines if line["event"] == "attempt_refused"]


def test_one_address_and_all_of_them_are_told_only_so_often() -> None:
    path = ATTEMPTS["sql"]
    off = {"limits": "errors=off,read=off,everything=off,address=off"}
    assert len(told([path] * (TOLD_OF_ONE.requests + 30), **off)) == TOLD_OF_ONE.requests
    with capture_logs() as lines, edge(**off) as client:
        for number in range(TOLD_OF_ALL.requests + 50):
            client.get(path, headers=from_peer(f"203.0.{number // 200}.{number % 200}"))
    assert len([one for one in lines if one["event"] == "attempt_refused"]) == TOLD_OF_ALL.requests


def test_it_is_entered_into_the_audit_trail_once_an_hour_of_an_address() -> None:
    with edge() as client:
        for path in [*ATTEMPTS.values(), "/v1/zones/nothing"]:
            for source in (SOURCE, "203.0.113.10"):
                client.get(path, headers=from_peer(source, x_correlation_id="mine"))
        entries = audited(client, 2)
    assert {entry["address"] for entry in entries} == {SOURCE, "203.0.113.10"}
    for entry in entries:
        assert (entry["action"], entry["subjectKind"]) == ("RefuseAttempt", "request")
        assert entry["correlationId"] == "mine"
        assert entry["change"]["signs"] == {"path": ["sql"]}
        assert "OR" not in json.dumps(entry["change"])


def test_no_more_than_so_many_are_entered() -> None:
    with edge(limits="errors=off,read=off,everything=off,address=off") as client:
        for number in range(ENTERED_OF_ALL.requests + 20):
            client.get(ATTEMPTS["sql"], headers=from_peer(f"198.51.100.{number}"))
        assert len(audited(client, ENTERED_OF_ALL.requests)) == ENTERED_OF_ALL.requests


def audited(client: TestClient[Any], awaited: int) -> list[dict[str, Any]]:
    """What stands in the trail of attempts, once there is so much; it is written after answers."""
    entries: list[dict[str, Any]] = []
    for _ in range(200):
        answer = client.get("/admin/audit?limit=200", headers=from_peer("192.0.2.77"))
        entries = answer.json()["data"]
        if len(entries) >= awaited:
            break
    return entries


def test_what_is_encoded_twice_is_found_and_the_end_of_much_is_not_looked_for() -> None:
    assert signs_in(b"/v1/%252e%252e%252fetc") == ["path"]
    assert signs_in(b"a" * MOST_LOOKED_AT + b"${x}") == []
    assert signs_in(b"") == signs_in(b"%ff%fe%zz") == []
