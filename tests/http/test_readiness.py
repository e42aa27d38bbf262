"""Whether the server says how it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.api import Api
from tests.http.server_under_test import ServerUnderTest, serving
from tests.http.shapes import CHECK, HEALTH, READY, assert_instant, assert_members


def test_health_has_its_shape(api: Api) -> None:
    answer = api.get("/health")
    assert answer.status == 200
    assert_members(answer.json, HEALTH)
    assert answer.json["status"] == "ok"
    assert answer.json["uptimeSeconds"] >= 0
    assert_instant(answer.json["timestamp"])


def test_health_touches_nothing(server: ServerUnderTest) -> None:
    calls = server.sandbox.calls.total()
    server.api.get("/health")
    assert server.sandbox.calls.total() == calls


def test_ready(server: ServerUnderTest) -> None:
    calls = server.sandbox.calls["health"]
    answer = server.api.get("/ready")
    assert server.sandbox.calls["health"] == calls + 1
    assert answer.status == 200
    assert_members(answer.json, READY)
    assert_instant(answer.json["timestamp"])
    assert answer.json["status"] == "ready"
    assert answer.json["checks"].keys() == {"postgres", "trainerService"}
    for name, critical in (("postgres", True), ("trainerService", False)):
        check = answer.json["checks"][name]
        assert_members(check, CHECK if critical else CHECK | {"breaker"})
        assert (check["status"], check["critical"]) == ("up", critical)
        assert check["latencyMs"] >= 0
    assert answer.json["checks"]["trainerService"]["breaker"] == "closed"


@pytest.fixture
def leaving(database_url: str) -> Iterator[ServerUnderTest]:
    with serving(database_url) as server:
        server.readiness.begin_draining()
        yield server


def test_a_server_that_is_going_says_so_and_still_answers(leaving: ServerUnderTest) -> None:
    answer = leaving.api.get("/ready")
    assert (answer.status, answer.json["status"]) == (503, "draining")
    assert_members(answer.json, READY)
    assert int(answer.headers["Retry-After"]) > 0
    assert leaving.api.get("/health").status == 200
    assert leaving.api.get("/v1/zones").status == 200
