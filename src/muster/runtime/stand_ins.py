"""What stands where uvicorn has a cycle, the transport of one, or the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

__all__ = ["GentleTransport", "Said", "silent_cycle"]


class GentleTransport:
    """What a cycle needs of a transport, with another way to close it."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        """Stand in for a transport.

        Args:
            transport: What is written to.
            close: Called to close it.
        """
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = close


class Said:
    """An app that has its answer already, and waits only for its turn."""

    def __init__(self, write: Callable[[bytes], None], answer: bytes) -> None:
        """Stand in for an app.

        Args:
            write: Takes the answer.
            answer: As it goes over the wire.
        """
        self._write = write
        self._answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Write the answer."""
        self._write(self._answer)


def silent_cycle(connection: HttpToolsProtocol) -> RequestResponseCycle:
    """Return a cycle of no request, through which nothing is answered."""
    cycle = RequestResponseCycle(
        scope=connection.scope,
        transport=connection.transport,
        flow=connection.flow,
        logger=connection.logger,
        access_logger=connection.access_logger,
        access_log=False,
        default_headers=[],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=False,
        on_response=connection.on_response_complete,
    )
    cycle.disconnected = True
    return cycle
