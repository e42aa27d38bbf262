"""An app behind the edge, asked from whatever address a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from litestar import Request, get
from litestar.response import Stream
from litestar.testing import TestClient
from litestar.types import ASGIApp, Receive, Scope, Send

from muster.plugin_api import (
    API_VERSION,
    HttpMiddleware,
    HttpRoutes,
    Manifest,
    PortLookup,
    SettingsLookup,
    Slot,
    hookimpl,
)
from muster.runtime.asgi import MusterAsgi
from muster.testing import make_app
from muster_edge.plugin import EdgePlugin

PEER = "x-test-peer"
SCHEME = "x-test-scheme"
ECHO = "/plugins/stage/echo"
SLOW = "/plugins/stage/slow"
STREAM = "/plugins/stage/stream"
DEADLINE_SECONDS = 0.5


def behind_a_peer(inner: ASGIApp, ports: PortLookup) -> ASGIApp:
    """Stands outside the edge, where the server would say who opened the connection."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sent = {name: value.decode() for name, value in scope["headers"]}
        scope["client"] = (sent[PEER.encode()], 4711) if PEER.encode() in sent else None
        scope["scheme"] = sent.get(SCHEME.encode(), "http")
        await inner(scope, receive, send)

    return app


class Stage:
    """A plugin that tells what reaches the routes."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="stage", api_version=API_VERSION)

    def __init__(self) -> None:
        self.given_up = 0

    @hookimpl
    def http_middleware(self) -> Sequence[HttpMiddleware]:
        return [HttpMiddleware(Slot.SECURITY, "a-peer", behind_a_peer)]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        @get("/echo")
        async def echo(request: Request[Any, Any, Any]) -> dict[str, Any]:
            client = request.client
            return {"client": client and client.host, "scheme": request.scope["scheme"]}

        @get("/slow")
        async def slow() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up += 1

        @get("/stream")
        async def stream() -> Stream:
            async def parts() -> AsyncIterator[bytes]:
                yield b"begun "
                await asyncio.sleep(2 * DEADLINE_SECONDS)
                yield b"and ended"

            return Stream(parts())

        return [HttpRoutes([echo, slow, stream], public=True)]


def edge(**settings: str) -> TestClient[MusterAsgi]:
    """Return a client of an app behind the edge; settings without their prefix."""
    named = {f"MUSTER_EDGE__{name.upper()}": value for name, value in settings.items()}
    return make_app([EdgePlugin, Stage], named).client()


def from_peer(address: str, **headers: str) -> Mapping[str, str]:
    return {PEER: address, **{name.replace("_", "-"): value for name, value in headers.items()}}
