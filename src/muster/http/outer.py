"""The outer wrapper: what every request gets, also those that no route answers.

Litestar's middleware does not run on 404 and 405, so the correlation id, the rules of headers,
HEAD, the access line and the last line of defence against faults stand here, around the whole
app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import perf_counter

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from muster.http.access_line import ACCESS_LOGGER, AccessLine, AccessLog, logged
from muster.http.answer_headers import Completion, as_they_are
from muster.http.correlation import CORRELATION_HEADER, choose_correlation_id
from muster.http.failure_notes import failure_of
from muster.http.header_rules import Refusal, broken_header_rule
from muster.http.logged_paths import logged_path
from muster.http.raw_refusals import answer_refusal
from muster.ports.observation import Answered, Observer, RequestActivity

__all__ = ["OuterWrapper"]

_log = structlog.get_logger(ACCESS_LOGGER)
_PAYLOAD_TOO_LARGE = 413
_FAULT = Refusal("INTERNAL", "Something went wrong on our side.")
_GOING = Refusal("SHUTTING_DOWN", "This server is going, and this took too long.")
_CLOSE = (b"connection", b"close")
_UNLOGGED = frozenset({"/health", "/ready", "/metrics"})


class OuterWrapper:
    """An ASGI app around the app."""

    def __init__(
        self,
        app: ASGIApp,
        now: Callable[[], datetime],
        new_correlation_id: Callable[[], str],
        most_body_bytes: int,
        leaving: Callable[[], bool],
        observer: Observer,
        access_log: AccessLog = logged,
        words: frozenset[str] = frozenset(),
        complete: Completion = as_they_are,
    ) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            now: Returns the present UTC instant.
            new_correlation_id: Makes an id where the client sent none that is valid.
            most_body_bytes: Largest body.
            leaving: Whether this server is going, so that no connection is to be used again.
            observer: Looks on while requests are answered.
            access_log: Writes the access line.
            words: Of the paths of routes; of a path without a route no other is logged.
            complete: Completes the headers of every answer.
        """
        self._app = app
        self._now = now
        self._new_correlation_id = new_correlation_id
        self._most_body_bytes = most_body_bytes
        self._leaving = leaving
        self._observer = observer
        self._access_log = access_log
        self._words = words
        self._complete = complete

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        correlation_id = choose_correlation_id(scope, self._new_correlation_id)
        structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        head = scope["method"] == "HEAD"
        inner: HTTPScope = {**scope, "method": "GET"} if head else scope
        answer = _Answer(send, inner, correlation_id, self._leaving, self._complete, head=head)
        try:
            if scope["path"] in _UNLOGGED:
                await self._answer(scope, inner, receive, answer)
            else:
                await self._logged(scope, inner, receive, answer, correlation_id)
        finally:
            structlog.contextvars.unbind_contextvars("correlation_id")

    async def _logged(
        self,
        scope: HTTPScope,
        inner: HTTPScope,
        receive: Receive,
        answer: _Answer,
        correlation_id: str,
    ) -> None:
        began = perf_counter()
        with self._observer.observing(_activity(scope, correlation_id)) as watch:
            try:
                await self._answer(scope, inner, receive, answer)
            finally:
                route = inner.get("path_template")
                milliseconds = round((perf_counter() - began) * 1000, 2)
                watch.note(Answered(answer.status, route, *failure_of(scope)))
                path = logged_path(scope["path"], route, self._words)
                self._access_log(
                    AccessLine(scope["method"], path, route, answer.status, milliseconds)
                )

    async def _answer(
        self,
        scope: HTTPScope,
        inner: HTTPScope,
        receive: Receive,
        answer: _Answer,
    ) -> None:
        try:
            if refusal := broken_header_rule(scope, self._most_body_bytes):
                answer.last = True
                await self._say(refusal, scope, answer)
            else:
                await self._app(inner, receive, answer.send)
        except asyncio.CancelledError:
            # The server ends what did not end by itself. An answer that was begun is broken
            # off by the server; this is the end of the request's task in either case.
            path = logged_path(scope["path"], inner.get("path_template"), self._words)
            _log.warning("request_ended", path=path, answered=bool(answer.status))
            if not answer.status:
                await self._say(_GOING, scope, answer)
        except Exception:
            if answer.status:
                raise
            _log.exception("unexpected_error")
            await self._say(_FAULT, scope, answer)

    async def _say(self, refusal: Refusal, scope: HTTPScope, answer: _Answer) -> None:
        await answer_refusal(
            scope,
            answer.send,
            self._now(),
            refusal.code,
            refusal.message,
            retryable=refusal is _GOING,
        )


class _Answer:
    """Passes an answer on: with the correlation id, and without a body where HEAD asked.

    Attributes:
        head: Whether HEAD asked.
        status: What was answered; 0 while nothing was.
        last: Whether the connection is closed after it, for what the client still sends is
            no new request.
    """

    def __init__(
        self,
        send: Send,
        scope: HTTPScope,
        correlation_id: str,
        leaving: Callable[[], bool],
        complete: Completion,
        *,
        head: bool,
    ) -> None:
        self._send = send
        self._scope = scope
        self._leaving = leaving
        self._complete = complete
        self._correlation = (CORRELATION_HEADER, correlation_id.encode("ascii"))
        self.head = head
        self.status = 0
        self.last = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*map(_with_head, message["headers"]), self._correlation]
            if self.last or self.status == _PAYLOAD_TOO_LARGE or self._leaving():
                headers.append(_CLOSE)
            # Middleware has put client and scheme of the scope right by now, in place.
            message["headers"] = self._complete(self._scope, self.status, headers)
        elif message["type"] == "http.response.body" and self.head:
            message["body"] = b""
        await self._send(message)


def _activity(scope: HTTPScope, correlation_id: str) -> RequestActivity:
    sent = [value for name, value in scope["headers"] if name == b"traceparent"]
    trace_parent = sent[0].decode("latin-1") if len(sent) == 1 else None
    return RequestActivity(scope["method"], scope["path"], correlation_id, trace_parent)


def _with_head(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Add HEAD to an ``Allow`` with GET: it is answered here, so Litestar knows nothing of it."""
    name, value = header
    if name.lower() != b"allow":
        return header
    methods = {method.strip() for method in value.split(b",")}
    if b"GET" in methods:
        methods.add(b"HEAD")
    return name, b", ".join(sorted(methods))
