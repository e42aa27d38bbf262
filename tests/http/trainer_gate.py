"""A way to a trainer service that a test can close, or hold up."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from yarl import URL


class TrainerGate:
    """Forwards connections to a service; always at the same address.

    Attributes:
        url: Of this end.
        accepted: How many connections came.
    """

    def __init__(self) -> None:
        self.url = ""
        self.accepted = 0
        self._port = 0
        self._service = URL()
        self._holding = False
        self._open: set[StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @asynccontextmanager
    async def leading_to(self, service: str) -> AsyncIterator[TrainerGate]:
        """Listen, and forward to a service's URL."""
        self._service = URL(service)
        await self.open()
        try:
            yield self
        finally:
            await self.shut()

    async def open(self) -> None:
        """Forward from now on."""
        await self.shut()
        self._holding = False
        await self._listen()

    async def hold(self) -> None:
        """Accept connections, and never answer."""
        await self.shut()
        self._holding = True
        await self._listen()

    async def shut(self) -> None:
        """Break every connection; whoever tries again is refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.accepted += 1
        self._open.add(writer)
        if self._holding:
            return
        far_reader, far_writer = await asyncio.open_connection(
            self._service.host, self._service.port
        )
        self._open.add(far_writer)
        await asyncio.gather(_pumped(reader, far_writer), _pumped(far_reader, writer))
        self._open -= {writer, far_writer}


async def _pumped(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
