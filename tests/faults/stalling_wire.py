"""A wire to the database on which, from some moment, nothing comes through any more."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from tests.http.cut_wire import Wire


class StallingWire(Wire):
    """Forwards everything until it stalls; connections stay open, and new ones are taken."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self._flowing = asyncio.Event()
        self._flowing.set()

    def stall(self) -> None:
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await self._far_end()
        self._open |= {writer, far_writer}
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                self._forwarded(reader, far_writer), self._forwarded(far_reader, writer)
            )

    async def _forwarded(self, reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._flowing.wait()
            writer.write(data)
        writer.close()
