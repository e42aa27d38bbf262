"""A wire to the database that a test can cut."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.engine import URL, make_url


class Wire:
    """Forwards connections to a database until it is cut."""

    def __init__(self, database_url: str) -> None:
        self._target = make_url(database_url)
        self._open: set[StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """Listen, and yield the URL of the database at this end."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        near = URL.create(
            "postgresql",
            self._target.username,
            self._target.password,
            "127.0.0.1",
            port,
            self._target.database,
        )
        try:
            yield near.render_as_string(hide_password=False)
        finally:
            await self.cut()

    async def cut(self) -> None:
        """Break every connection; whoever tries again is refused."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far_writer = await self._far_end()
        self._open |= {writer, far_writer}
        await asyncio.gather(_pumped(reader, far_writer), _pumped(far_reader, writer))

    async def _far_end(self) -> tuple[StreamReader, StreamWriter]:
        url = self._target
        host, port = url.host or url.query.get("host"), url.port or 5432
        assert isinstance(host, str)
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def _pumped(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
