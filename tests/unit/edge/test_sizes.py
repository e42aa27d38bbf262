"""How large a request may be, by its path; what is larger is refused before it is read."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest

from muster.runtime.settings_tree import SettingsInvalid
from muster_edge.size_table import DEFAULT_SIZES, SizeTable
from tests.unit.edge.asking import ECHO, edge

JSON = {"content-type": "application/json"}


def refused(answer: Any, status: int, code: str) -> bool:
    return (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_longer_path_says_otherwise_for_all_below_it() -> None:
    table = SizeTable({"/:body": 7, "/v1/zones:depth": 2, "/v1/zones/lookup:uri": 3})
    assert table.of(()).body == table.of(("nowhere",)).body == 7
    assert table.of(("v1", "sessions", "x")).body == DEFAULT_SIZES["/v1/sessions:body"]
    zones = table.of(("v1", "zones", "any", "thing"))
    assert (zones.depth, zones.body) == (2, 7)
    lookup = table.of(("v1", "zones", "lookup"))
    assert (lookup.uri, lookup.depth, lookup.headers) == (3, 2, DEFAULT_SIZES["/:headers"])
    assert table.of(("v1zones",)).body == 7


@pytest.mark.parametrize("written", ["body=5", "/:size=5", "v1:body=5", "/v1:body=0", "/v1:body=x"])
def test_what_is_no_size_stops_the_start(written: str) -> None:
    with pytest.raises(SettingsInvalid):
        edge(sizes=written)


def test_path_and_query_are_bounded_together() -> None:
    # This client's raw_path holds the query once more, so only far from the bound it is exact.
    with edge(sizes="/:uri=200,/v1/zones:uri=60") as client:
        assert client.get("/v1/zones?name=" + "a" * 15).status_code == 200
        assert refused(client.get("/v1/zones?name=" + "a" * 60), 414, "URI_TOO_LONG")
        assert refused(client.get("/nowhere/" + "a" * 200), 414, "URI_TOO_LONG")
        assert client.get(f"{ECHO}?name=" + "a" * 60).status_code == 200


def test_parameters_are_bounded_by_number_and_length() -> None:
    with edge(sizes="/:parameters=2,/:parameter=10") as client:
        assert client.get("/v1/zones?name=a&limit=5").status_code == 200
        for query in ("a&b&c", "&&&", "name=a&name=b&name=c"):
            answer = client.get(f"/v1/zones?{query}")
            assert refused(answer, 400, "VALIDATION_FAILED")
            (fault,) = answer.json()["error"]["details"]
            assert (fault["path"], fault["code"]) == ("query", "INVALID")
            assert "more than 2" in fault["message"]
        assert client.get("/v1/zones?name=aaaaa").status_code == 200
        assert "longer than 10" in client.get("/v1/zones?name=aaaaaa").text


def test_headers_are_bounded() -> None:
    with edge(sizes="/v1/zones:headers=400") as client:
        long = {"x-long": "a" * 400}
        assert refused(client.get("/v1/zones", headers=long), 431, "HEADERS_TOO_LARGE")
        assert client.get(ECHO, headers=long).status_code == 200


def test_bodies_are_bounded_by_what_they_say_and_by_what_they_are() -> None:
    body = b'{"name": "' + b"a" * 100 + b'"}'

    def parts() -> Iterator[bytes]:
        yield body[:50]
        yield body[50:]

    with edge(sizes="/v1/franchises:body=100") as client:
        for content in (body, parts()):
            answer = client.post("/v1/franchises", content=content, headers=JSON)
            assert refused(answer, 413, "PAYLOAD_TOO_LARGE")
            assert answer.headers["connection"] == "close"
        assert client.post("/v1/franchises", content=body[:20], headers=JSON).status_code == 400
        assert client.post("/v1/franchises", json={"name": "Short"}).status_code == 201
        assert client.get("/v1/franchises").json()["data"][0]["name"] == "Short"
        assert client.post("/v1/zones", content=body, headers=JSON).status_code == 400


def test_depth_is_bounded_before_the_body_is_parsed() -> None:
    with edge(sizes="/v1/franchises:depth=2,/v1/zones:depth=1000") as client:
        flat = client.post("/v1/franchises", json={"name": ["a"]})
        assert refused(flat, 400, "VALIDATION_FAILED")
        deep = client.post("/v1/franchises", json={"name": [["a"]]})
        assert refused(deep, 400, "MALFORMED_BODY")
        assert "more than 2 levels" in deep.json()["error"]["message"]
        beyond = b'{"name": ' + b"[" * 64 + b"]" * 64 + b"}"
        deep = client.post("/v1/zones", content=beyond, headers=JSON)
        assert "more than 64 levels" in deep.json()["error"]["message"]


def test_escapes_that_end_nowhere_cost_no_more_than_their_length() -> None:
    def seconds(size: int) -> float:
        body = b"[" * 17 + b'"' + b'\\"' * (size // 2)
        began = perf_counter()
        answer = client.post("/v1/zones", content=body, headers=JSON)
        assert refused(answer, 400, "MALFORMED_BODY")
        return perf_counter() - began

    with edge() as client:
        seconds(2)
        taken = min(seconds(16_000) for _ in range(3))
        assert min(seconds(128_000) for _ in range(3)) < 8 * 4 * taken
        seconds(1_000_000)
