"""One envelope for every refusal; the client holds each answer of every test to it."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from tests.http.api import Answer, Api
from tests.http.orders import AN_ID, a_franchise

ACCEPT_PROBLEM = [("Accept", "application/problem+json")]
MEGABYTE = 1_000_000


@pytest.fixture
def api(used_api: Api) -> Api:
    """Nothing here minds what other tests have stored."""
    return used_api


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error["code"]


@pytest.mark.parametrize("path", ["/", "/nope", "/v1", "/v1/zones/x/y", "/docs/redoc", "/docs/a/b"])
def test_an_unknown_route(api: Api, path: str) -> None:
    assert code_of(api.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/zones", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("PUT", f"/v1/zones/{AN_ID}", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        ("POST", "/health", {"GET", "HEAD", "OPTIONS"}),
        ("GET", f"/v1/bookings/{AN_ID}/cancel", {"OPTIONS", "POST"}),
        ("TRACE", "/v1/zones", {"GET", "HEAD", "OPTIONS", "POST"}),
    ],
)
def test_a_method_that_the_route_does_not_know(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    answer = api.send(method, path)
    assert code_of(answer) == (405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/zones", {"GET", "HEAD", "OPTIONS", "POST"}),
        (f"/v1/zones/{AN_ID}", {"GET", "HEAD", "OPTIONS", "PATCH"}),
        (f"/v1/bookings/{AN_ID}/cancel", {"OPTIONS", "POST"}),
        ("/docs", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_tells_the_methods(api: Api, path: str, allowed: set[str]) -> None:
    answer = api.send("OPTIONS", path)
    assert (answer.status, answer.body) == (204, b"")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/v1/zones", "/docs", "/docs/openapi.json", "/nope"]
)
def test_head_is_get_without_a_body(api: Api, path: str) -> None:
    got, headed = api.get(path), api.send("HEAD", path)
    assert headed.status == got.status
    assert headed.body == b""
    assert headed.headers["Content-Type"] == got.headers["Content-Type"]
    assert abs(int(headed.headers["Content-Length"]) - len(got.body)) < 20, "but for the clock"


def test_a_conflict(api: Api) -> None:
    wanted = a_franchise()
    api.created("/v1/franchises", wanted)
    answer = api.post("/v1/franchises", wanted)
    assert code_of(answer) == (409, "FRANCHISE_NAME_TAKEN")
    assert "details" not in answer.error
    assert answer.error["retryable"] is False


def test_a_body_that_is_too_large(api: Api) -> None:
    body = b'{"name": "' + b"a" * 11 * MEGABYTE + b'"}'
    assert code_of(api.send("POST", "/v1/franchises", body)) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_is_just_not_too_large(api: Api) -> None:
    body = b'{"name": "' + b"a" * (10 * MEGABYTE - 12) + b'"}'
    assert len(body) == 10 * MEGABYTE
    assert code_of(api.send("POST", "/v1/franchises", body)) == (400, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/x-msgpack",
        "application/jsonp",
        "application/problem+json",
    ],
)
def test_a_body_that_is_not_declared_as_json(api: Api, content_type: str | None) -> None:
    headers = [] if content_type is None else [("Content-Type", content_type)]
    answer = api.send("POST", "/v1/franchises", b'{"name": "Undeclared"}', headers)
    assert code_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "Undeclared" not in [one["name"] for one in api.walk("/v1/franchises")]


@pytest.mark.parametrize("content_type", ["Application/JSON", "application/json; charset=utf-8"])
def test_json_may_be_declared_with_parameters(api: Api, content_type: str) -> None:
    body = json.dumps(a_franchise()).encode()
    answer = api.send("POST", "/v1/franchises", body, [("Content-Type", content_type)])
    assert answer.status == 201


@pytest.mark.parametrize(
    ("accept", "problem"),
    [
        ("application/problem+json", True),
        ("application/problem+json, application/json", True),
        ("application/problem+json;q=0.5, application/json;q=0.4", True),
        ("application/json, application/problem+json;q=0.5", False),
        ("application/problem+json;q=0", False),
        ("application/problem+json;q=high", False),
        ("application/json", False),
        ("text/html", False),
        ("*/*", False),
    ],
)
def test_a_problem_is_told_as_the_client_prefers(api: Api, accept: str, problem: bool) -> None:
    answer = api.send("GET", f"/v1/zones/{AN_ID}", headers=[("Accept", accept)])
    assert answer.status == 404
    assert (answer.headers["Content-Type"] == "application/problem+json") is problem
    assert answer.json.get("status") == (404 if problem else None)


def test_a_problem_has_the_members_of_the_rfc_and_ours(api: Api) -> None:
    answer = api.send("GET", "/v1/zones?limit=0", headers=ACCEPT_PROBLEM)
    problem = answer.json
    assert (problem["status"], problem["type"]) == (400, "urn:muster:error:VALIDATION_FAILED")
    assert problem["detail"] == problem["message"]
    assert [one["path"] for one in problem["details"]] == ["limit"]


@pytest.mark.parametrize("sent", ["a", "A.b_c:d-9", "x" * 128])
@pytest.mark.parametrize("path", ["/health", "/nope", "/v1/zones"])
def test_a_valid_correlation_id_is_kept(api: Api, sent: str, path: str) -> None:
    assert api.send("GET", path, headers=[("X-Correlation-ID", sent)]).correlation_id == sent


@pytest.mark.parametrize(
    "sent", [[""], ["x" * 129], ["a b"], ["a/b"], ["ä"], ["a", "b"], ["a", "a"]]
)
def test_another_correlation_id_is_replaced(api: Api, sent: list[str]) -> None:
    headers = [("X-Correlation-ID", one) for one in sent]
    chosen = api.send("GET", "/nope", headers=headers).correlation_id
    assert chosen not in sent
    assert UUID(chosen).version == 7


def test_each_request_has_its_own_correlation_id(api: Api) -> None:
    assert len({api.get("/health").correlation_id for _ in range(5)}) == 5
