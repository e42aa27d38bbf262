"""Middleware of plugins: in order, for HTTP alone, and a refusal of one is answered in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from muster.domain.errors import DomainError, Fault
from muster.plugin_api import (
    API_VERSION,
    AnswerHeaders,
    CompositionError,
    HttpMiddleware,
    Manifest,
    PortLookup,
    SettingsLookup,
    Slot,
    hookimpl,
)
from muster.testing import make_app


class Throttled(DomainError):
    code: ClassVar[str] = "RATE_LIMITED"
    retryable: ClassVar[bool] = True
    retry_after_seconds = 7


def marking(mark: str, refuses: type[Exception] | None = None, late: bool = False) -> Any:
    """Middleware that adds its mark to every answer, and may refuse, early or too late."""

    def wrap(inner: ASGIApp, ports: PortLookup) -> ASGIApp:
        async def marked(scope: Scope, receive: Receive, send: Send) -> None:
            assert scope["type"] != ScopeType.WEBSOCKET
            assert "method" in scope, "of a lifespan nothing is asked"

            async def telling(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"x-mark", mark.encode())]
                await send(message)

            if refuses and not late:
                raise refuses("Not now.")
            await inner(scope, receive, telling)
            if refuses:
                raise refuses("Too late.")

        return marked

    return wrap


def plugin(*middleware: HttpMiddleware) -> type:
    class Middled:
        MANIFEST = Manifest(name="middled", api_version=API_VERSION)

        @hookimpl
        def http_middleware(self, settings: SettingsLookup) -> Sequence[HttpMiddleware]:
            return middleware

    return Middled


def test_outer_middleware_has_the_last_word_by_slot_and_name() -> None:
    found = [
        HttpMiddleware(Slot.INNER, "a", marking("inner-a")),
        HttpMiddleware(Slot.SECURITY, "b", marking("security-b")),
        HttpMiddleware(Slot.SECURITY, "a", marking("security-a")),
    ]
    with make_app([plugin(*found)]).client() as client:
        for path in ("/health", "/nowhere"):
            marks = client.get(path).headers.get_list("x-mark")
            assert marks == ["inner-a", "security-b", "security-a"]


def test_a_refusal_is_answered_through_what_stands_outside() -> None:
    found = [
        HttpMiddleware(Slot.INNER, "limits", marking("limits", Throttled)),
        HttpMiddleware(Slot.SECURITY, "headers", marking("headers")),
    ]
    with make_app([plugin(*found)]).client() as client:
        answer = client.get("/v1/zones", headers={"X-Correlation-ID": "mine"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["retryable"]) == (429, "RATE_LIMITED", True)
    assert answer.headers["retry-after"] == "7"
    assert answer.headers.get_list("x-mark") == ["headers"]
    assert error["correlationId"] == answer.headers["x-correlation-id"] == "mine"


def test_a_fault_of_middleware_is_our_own() -> None:
    broken = HttpMiddleware(Slot.SECURITY, "broken", marking("broken", RuntimeError))
    with make_app([plugin(broken)]).client() as client:
        answer = client.get("/v1/zones")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")


def test_a_refusal_after_the_answer_is_none() -> None:
    late = HttpMiddleware(Slot.INNER, "late", marking("late", Throttled, late=True))
    app = make_app([plugin(late)])
    with app.client() as client, pytest.raises(Throttled):
        client.get("/v1/zones")


def test_faults_are_told() -> None:
    class Refused(DomainError):
        code: ClassVar[str] = "VALIDATION_FAILED"

        def __init__(self, message: str) -> None:
            super().__init__(message, faults=(Fault("header", "WRONG", "It is wrong."),))

    refusing = HttpMiddleware(Slot.SECURITY, "hosts", marking("hosts", Refused))
    with make_app([plugin(refusing)]).client() as client:
        error = client.get("/v1/zones").json()["error"]
    assert error["details"] == [{"path": "header", "code": "WRONG", "message": "It is wrong."}]


def test_a_name_that_is_taken_stops_the_start() -> None:
    twice = [HttpMiddleware(Slot.INNER, "a", marking("a")) for _ in range(2)]
    with pytest.raises(CompositionError, match="middleware 'a' in the slot INNER"):
        make_app([plugin(*twice)])


def test_headers_of_answers_are_completed_in_the_order_of_their_names() -> None:
    def telling(mark: bytes) -> Any:
        return lambda scope, status, lines: [*lines, (b"x-mark", mark + b"-%d" % status)]

    class Telling:
        MANIFEST = Manifest(name="telling", api_version=API_VERSION)

        @hookimpl
        def answer_headers(self, settings: SettingsLookup) -> Sequence[AnswerHeaders]:
            return [AnswerHeaders("b", telling(b"b")), AnswerHeaders("a", telling(b"a"))]

    with make_app([Telling]).client() as client:
        assert client.get("/nowhere").headers.get_list("x-mark") == ["a-404", "b-404"]


def test_answer_headers_of_one_name_stop_the_start() -> None:
    class Twice:
        MANIFEST = Manifest(name="twice", api_version=API_VERSION)

        @hookimpl
        def answer_headers(self, settings: SettingsLookup) -> Sequence[AnswerHeaders]:
            return [AnswerHeaders("same", lambda scope, status, lines: lines)] * 2

    with pytest.raises(CompositionError, match="'same' twice"):
        make_app([Twice])
