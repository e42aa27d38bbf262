"""Requests that are larger than their route needs are refused before anything reads them."""

from __future__ import annotations

from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from muster.plugin_api import bind_json_depth, declares_more
from muster_edge.paths import segments
from muster_edge.refusals import HeadersTooLarge, PayloadTooLarge, QueryRefused, UriTooLong
from muster_edge.size_table import Sizes, SizeTable

__all__ = ["SizeBounds"]

_LENGTH = b"content-length"
_BODIED = frozenset({_LENGTH, b"transfer-encoding"})


class SizeBounds:
    """Holds each request to the sizes of its path."""

    def __init__(self, app: ASGIApp, table: SizeTable) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            table: The sizes.
        """
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            HeadersTooLarge: Its headers are larger than its path may have.
            UriTooLong: Its path and query are.
            QueryRefused: It has too many parameters, or one that is too long.
            PayloadTooLarge: It says that its body is.
        """
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        sizes = self._table.of(segments(scope["path"]))
        _hold_address(scope, sizes)
        if _has_body(scope, sizes):
            bind_json_depth(scope, sizes.depth)
            receive = _bounded(receive, sizes.body)
        await self._app(scope, receive, send)


def _hold_address(scope: HTTPScope, sizes: Sizes) -> None:
    query = scope["query_string"]
    # A parameter that is too long is a wrong one, as every other: that is told first.
    if query.count(b"&") >= sizes.parameters:
        raise QueryRefused(f"The query has more than {sizes.parameters} parameters.")
    if len(query) > sizes.parameter and max(map(len, query.split(b"&"))) > sizes.parameter:
        raise QueryRefused(f"A parameter is longer than {sizes.parameter} bytes.")
    if len(scope["raw_path"]) + len(query) > sizes.uri:
        raise UriTooLong(f"Path and query are longer than {sizes.uri} bytes.")


def _has_body(scope: HTTPScope, sizes: Sizes) -> bool:
    bodied = False
    size = 0
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        if name in _BODIED:
            bodied = True
            if name == _LENGTH and declares_more(value, sizes.body):
                raise _too_large(sizes.body)
    if size > sizes.headers:
        raise HeadersTooLarge(f"The headers are larger than {sizes.headers} bytes.")
    return bodied


def _bounded(receive: Receive, most: int) -> Receive:
    """Refuse a body that turns out to be larger, which only chunks can do."""
    received = 0

    async def bounded() -> Any:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message["body"])
            if received > most:
                raise _too_large(most)
        return message

    return bounded


def _too_large(most: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than the {most} bytes that this path takes.")
