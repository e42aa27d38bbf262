"""A wire to the database that dies between a commit and its acknowledgement."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter

from tests.http.cut_wire import Wire

_COMMIT = b"COMMIT\0"


class SwallowingWire(Wire):
    """Forwards everything until it is armed; then the next commit arrives, and no word of it.

    Attributes:
        armed: Whether the next commit's connection dies.
        swallowed: How many acknowledgements nobody heard.
    """

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.armed = False
        self.swallowed = 0

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await self._far_end()
        answers = asyncio.create_task(_forwarded(far_reader, writer))
        try:
            while data := await reader.read(65_536):
                if self.armed and _COMMIT in data:
                    answers.cancel()
                    await asyncio.wait({answers})
                    far_writer.write(data)
                    assert _COMMIT in await far_reader.read(65_536)
                    self.armed = False
                    self.swallowed += 1
                    writer.transport.abort()
                    return
                far_writer.write(data)
        finally:
            answers.cancel()
            far_writer.close()


async def _forwarded(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()
