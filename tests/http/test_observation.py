"""What whoever looks on is told of requests and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
from litestar import get

from muster.domain.errors import Fault
from muster.plugin_api import API_VERSION, HttpRoutes, Manifest, SettingsLookup, hookimpl
from muster.ports.observation import Answered, RequestActivity, UseCaseActivity
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.api import Api
from tests.http.orders import AN_ID, a_zone
from tests.http.server_under_test import serving
from tests.observed import A_TRACE, Diary, Seen, plugin_of

ZONE = "/v1/zones/{zone_id}"


@get("/bug", operation_id="bug")
async def bug() -> None:
    raise RuntimeError("nobody foresaw this")


class FaultyPlugin:
    MANIFEST = Manifest(name="faulty", api_version=API_VERSION)

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        return [HttpRoutes([bug])]


class Watched:
    """A server, and what its observer hears."""

    def __init__(self, api: Api, diary: Diary) -> None:
        self.api = api
        self._diary = diary

    def asked(self, method: str, target: str, **more: Any) -> tuple[RequestActivity, Seen]:
        """Send one request; what was seen of it, which ends a moment after the answer."""
        self._diary.seen.clear()
        self.api.send(method, target, **more)
        return self.only()

    def only(self) -> tuple[RequestActivity, Seen]:
        (request,) = self._diary.of(RequestActivity)
        request[1].await_end()
        return request

    def requests(self) -> list[tuple[RequestActivity, Seen]]:
        return self._diary.of(RequestActivity)

    def use_cases(self) -> list[tuple[UseCaseActivity, Seen]]:
        return self._diary.of(UseCaseActivity)


@pytest.fixture(scope="module")
def watched(database_url: str) -> Iterator[Watched]:
    diary = Diary()
    plugins = [PostgresPlugin, TrainerHttpPlugin, FaultyPlugin, plugin_of(diary)]
    with serving(database_url, plugins, MUSTER_HTTP__MAX_BODY_BYTES="1024") as server:
        yield Watched(server.api, diary)


def test_an_answer_is_told_with_its_template(watched: Watched) -> None:
    zone = watched.api.created("/v1/zones", a_zone())
    path = f"/v1/zones/{zone['id']}"
    activity, seen = watched.asked("GET", f"{path}?", headers=[("X-Correlation-ID", "mine")])
    assert activity == RequestActivity("GET", path, "mine", None)
    assert seen.answered == Answered(200, ZONE)
    assert seen.within is None
    ((use_case, inner),) = watched.use_cases()
    assert (use_case.name, use_case.correlation_id) == ("GetZone", "mine")
    assert inner.within is seen


def test_head_is_told_as_what_it_is(watched: Watched) -> None:
    activity, seen = watched.asked("HEAD", "/v1/zones")
    assert activity.method == "HEAD"
    assert seen.answered == Answered(200, "/v1/zones")


@pytest.mark.parametrize(
    ("method", "path", "answered"),
    [
        ("GET", f"/v1/zones/{AN_ID}", Answered(404, ZONE, "NOT_FOUND")),
        ("GET", "/v1/nowhere/Asha", Answered(404, None, "NOT_FOUND")),
        ("PROPFIND", "/v1/zones", Answered(405, None, "METHOD_NOT_ALLOWED")),
        ("OPTIONS", "/v1/zones", Answered(204, "/v1/zones")),
        ("GET", "/plugins/faulty/bug", Answered(500, "/plugins/faulty/bug", "INTERNAL")),
    ],
)
def test_a_refusal_is_told_with_its_code(
    watched: Watched, method: str, path: str, answered: Answered
) -> None:
    activity, seen = watched.asked(method, path)
    assert (activity.method, activity.path) == (method, path)
    assert seen.answered == answered
    assert seen.error is None, "it was answered"


def test_the_single_faults_of_a_body_are_told(watched: Watched) -> None:
    _, seen = watched.asked("POST", "/v1/zones", body=b'{"name": "", "centre": 7, "more": 1}')
    answered = seen.answered
    assert (answered.status, answered.route, answered.code) == (
        400, "/v1/zones", "VALIDATION_FAILED",
    )  # fmt: skip
    assert {fault.path for fault in answered.faults} >= {"centre", "more"}
    assert all(isinstance(fault, Fault) for fault in answered.faults)


def test_the_fault_of_a_parameter_is_told(watched: Watched) -> None:
    _, seen = watched.asked("GET", "/v1/zones?limit=many")
    (fault,) = seen.answered.faults
    assert (seen.answered.code, fault.path) == ("VALIDATION_FAILED", "limit")


@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ([("Host", "twice")], Answered(400, None, "MALFORMED_REQUEST")),
        ([("X-Long", "x" * 64_000)], Answered(431, None, "HEADERS_TOO_LARGE")),
    ],
)
def test_what_headers_alone_are_refused_for_is_told(
    watched: Watched, headers: list[tuple[str, str]], answered: Answered
) -> None:
    _, seen = watched.asked("GET", "/v1/zones", headers=headers)
    assert seen.answered == answered
    assert watched.use_cases() == []


def test_a_body_that_is_too_large_is_told(watched: Watched) -> None:
    _, seen = watched.asked("POST", "/v1/zones", body=b" " * 1_025)
    assert (seen.answered.status, seen.answered.code) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_who_asks_how_the_server_is_is_not_looked_at(watched: Watched, path: str) -> None:
    watched.asked("GET", "/v1/zones")
    watched.api.get(path)
    watched.only()


@pytest.mark.parametrize(
    ("sent", "handed_on"),
    [
        ([], None),
        ([A_TRACE], A_TRACE),
        (["no trace at all"], "no trace at all"),
        ([A_TRACE, A_TRACE], None),
        ([A_TRACE, "another"], None),
    ],
)
def test_a_trace_is_handed_on_when_it_is_told_once(
    watched: Watched, sent: list[str], handed_on: str | None
) -> None:
    headers = [("TraceParent", value) for value in sent]
    activity, _ = watched.asked("GET", "/v1/zones", headers=headers)
    assert activity.trace_parent == handed_on


def test_requests_of_one_connection_are_told_apart(watched: Watched) -> None:
    watched.asked("GET", "/v1/zones")
    with closing(HTTPConnection("127.0.0.1", watched.api.port, timeout=20)) as connection:
        for path in ("/v1/zones", "/v1/franchises"):
            connection.request("GET", path)
            connection.getresponse().read()
    told = watched.requests()[1:]
    assert [seen.await_end().answered.route for _, seen in told] == ["/v1/zones", "/v1/franchises"]
    assert [seen.within for _, seen in told] == [None, None]
    assert told[0][0].correlation_id != told[1][0].correlation_id
