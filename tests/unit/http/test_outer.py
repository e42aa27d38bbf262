"""The outer wrapper around an app of the test's own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from litestar.types import HTTPScope, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from muster.http.outer import OuterWrapper
from muster.ports.unobserved import UNOBSERVED

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def answered(method: str, app: Any) -> tuple[list[Message], list[Any]]:
    sent: list[Message] = []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": "/v1/zones",
        "raw_path": b"/v1/zones",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    wrapped = OuterWrapper(app, lambda: NOW, lambda: "new-id", 1_000, lambda: False, UNOBSERVED)
    with capture_logs() as lines:
        asyncio.run(wrapped(cast("HTTPScope", scope), receive, send))
    return sent, lines


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    assert cast("HTTPScope", scope)["method"] == "GET"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": False})


@pytest.mark.parametrize(("method", "body"), [("GET", b"hello"), ("HEAD", b"")])
def test_a_head_is_a_get_without_a_body_and_is_logged_as_what_it_is(
    method: str, body: bytes
) -> None:
    (start, content), (line,) = answered(method, answers)
    assert (start["status"], content["body"]) == (200, body)  # type: ignore[typeddict-item]
    assert (line["method"], line["status"]) == (method, 200)


def test_a_fault_before_the_answer_is_answered_by_the_envelope() -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("secret")

    (start, content), _ = answered("GET", fails)
    assert start["status"] == 500  # type: ignore[typeddict-item]
    assert b'"INTERNAL"' in content["body"]  # type: ignore[typeddict-item]
    assert b"secret" not in content["body"]  # type: ignore[typeddict-item]


def test_a_fault_within_the_answer_cuts_it_off() -> None:
    async def fails_later(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    with pytest.raises(RuntimeError, match="too late"):
        answered("GET", fails_later)
