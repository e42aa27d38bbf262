"""What is answered once the database can no longer be reached."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from anyio.from_thread import start_blocking_portal

from tests.http.api import Api
from tests.http.cut_wire import Wire
from tests.http.orders import a_booking, a_franchise
from tests.http.server_under_test import serving
from tests.http.shapes import READY, assert_members


@pytest.fixture(scope="module")
def api(database_url: str) -> Iterator[Api]:
    wire = Wire(database_url)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(wire.laid()) as near_url,
        serving(
            near_url,
            MUSTER_POSTGRES__ACQUIRE_TIMEOUT_SECONDS="1",
            MUSTER_POSTGRES__CONNECT_TIMEOUT_SECONDS="1",
        ) as server,
    ):
        assert server.api.get("/ready").json["status"] == "ready"
        portal.call(wire.cut)
        yield server.api


def test_ready_is_unavailable(api: Api) -> None:
    answer = api.get("/ready")
    assert (answer.status, answer.json["status"]) == (503, "unavailable")
    assert_members(answer.json, READY)
    assert int(answer.headers["Retry-After"]) > 0
    postgres = answer.json["checks"]["postgres"]
    assert (postgres["status"], postgres["critical"]) == ("down", True)
    assert postgres["message"]
    assert answer.json["checks"]["trainerService"]["critical"] is False


def test_health_is_as_ever(api: Api) -> None:
    assert api.get("/health").json["status"] == "ok"


@pytest.mark.parametrize(
    "path",
    ["/v1/zones", "/v1/franchises", "/v1/bookings", "/v1/zones/lookup?latitude=1&longitude=2"],
)
def test_a_query_may_be_repeated(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.error["code"]) == (503, "DEPENDENCY_UNAVAILABLE")
    assert answer.error["retryable"] is True


def test_a_command_may_be_repeated(api: Api) -> None:
    for path, body in (
        ("/v1/franchises", a_franchise()),
        ("/v1/bookings", a_booking(bookingReference="order")),
        (f"/v1/bookings/{uuid4()}/cancel", {}),
    ):
        answer = api.post(path, body)
        assert (answer.status, answer.error["code"]) == (503, "DEPENDENCY_UNAVAILABLE")
        assert answer.error["retryable"] is True


def test_what_is_wrong_is_still_told_first(api: Api) -> None:
    assert api.get("/v1/zones", limit=0).status == 400
    assert api.post("/v1/franchises", {}).status == 400
    assert api.get("/nope").status == 404


def test_a_problem_is_told_as_the_client_prefers(api: Api) -> None:
    answer = api.send("GET", "/v1/zones", headers=[("Accept", "application/problem+json")])
    assert (answer.status, answer.json["retryable"]) == (503, True)
    assert answer.headers["Content-Type"] == "application/problem+json"
