"""Server-sent events: an answer that goes on while somebody watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send
from msgspec import Struct

from muster_jobs.live_status import Watch

__all__ = ["EventStream", "StreamTimes"]

_BEGIN = b": live status of jobs\nretry: 3000\n\n"
_HEARTBEAT = b": still here\n\n"

_log = structlog.get_logger(__name__)


class StreamTimes(Struct, frozen=True):
    """How long things take, in seconds.

    Attributes:
        look: How often it is looked whether the server or the client is going.
        heartbeat: After this long without news a comment is sent.
        patience: How long a client may take to read what it is sent; then it is dropped.
        longest: After this long the stream ends, so that whoever watches shows again who they
            are.
    """

    look: float = 0.5
    heartbeat: float = 15.0
    patience: float = 10.0
    longest: float = 900.0


class EventStream(ASGIResponse):
    """An answer of server-sent events, each a whole status.

    What a client has missed is of no use to it, so events have no ids and ``Last-Event-ID`` says
    nothing.
    """

    _should_set_content_length = False

    def __init__(
        self,
        watched: Callable[[], AbstractAsyncContextManager[Watch]],
        leaving: Callable[[], bool],
        times: StreamTimes,
    ) -> None:
        """Answer with what a watch tells.

        Args:
            watched: Opens the watch.
            leaving: Whether the server is going.
            times: How long things take.
        """
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(media_type="text/event-stream", headers=headers)
        self._watched = watched
        self._leaving = leaving
        self._times = times

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer; whoever cannot watch is refused before the answer begins.

        Raises:
            TooManyWatch: No more may.
        """
        async with self._watched() as watch:
            await self.start_response(send)
            gone = asyncio.create_task(_until_gone(receive))
            try:
                await self._tell(watch, send, gone)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            except TimeoutError:
                # Its connection is closed by the server, as of any answer that was not ended.
                _log.warning("slow_watcher_dropped")
            finally:
                gone.cancel()

    async def _tell(self, watch: Watch, send: Send, gone: asyncio.Task[None]) -> None:
        now = asyncio.get_running_loop().time
        begun = said = now()
        await self._send(send, _BEGIN)
        while not (gone.done() or self._leaving() or now() - begun >= self._times.longest):
            status = await watch.news(self._times.look)
            if status is not None:
                await self._send(send, b"event: status\ndata: %b\n\n" % status)
            elif now() - said >= self._times.heartbeat:
                await self._send(send, _HEARTBEAT)
            else:
                continue
            said = now()

    async def _send(self, send: Send, part: bytes) -> None:
        async with asyncio.timeout(self._times.patience):
            await send({"type": "http.response.body", "body": part, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
