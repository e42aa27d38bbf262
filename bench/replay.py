"""The recorded statements sent alone: bare asyncpg connections, and nothing else around."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeAlias

import asyncpg
from msgspec import Struct

from bench.load import LoadResult

__all__ = ["Replay", "Replayer", "Sent", "connect"]

_Raw: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_WARMING = 6
"""Bookings on each connection before any is timed: PostgreSQL plans anew five times."""


class Sent(Struct, frozen=True):
    """A statement as the adapter sent it.

    Attributes:
        method: Of the driver.
        query: The text.
        args: The arguments.
        done: The command tag, which a replay must get too.
    """

    method: Literal["execute", "fetch", "fetchrow"]
    query: str
    args: tuple[Any, ...]
    done: str | None


class Replay(Struct, frozen=True):
    """Bookings to send once more.

    Attributes:
        bookings: The statements of each.
        connections: How many send at the same time.
        warming: Only let the connections learn types, statements and plans; nothing stays.
    """

    bookings: list[list[Sent]]
    connections: int
    warming: bool = False


class Replayer(Struct, frozen=True):
    """Opens a replayer on a database, for a companion.

    Attributes:
        url: The database; as full as the one that was recorded on, and without the bookings.
        connections: The most that may be asked for.
    """

    url: str
    connections: int

    def __call__(self) -> Any:
        """Open it."""
        return _replayer(self.url, self.connections)


async def connect(url: str) -> _Raw:
    """Open a connection with the settings that the adapter's pool gives its own."""
    return await asyncpg.connect(
        url,
        command_timeout=15.0,
        statement_cache_size=256,
        server_settings={
            "application_name": "bench",
            "jit": "off",
            "statement_timeout": "10000",
            "lock_timeout": "5000",
            "idle_in_transaction_session_timeout": "15000",
        },
    )


@asynccontextmanager
async def _replayer(
    url: str, connections: int
) -> AsyncIterator[Callable[[Replay], Awaitable[LoadResult]]]:
    opened = [await connect(url) for _ in range(connections)]

    async def replay(wanted: Replay) -> LoadResult:
        if wanted.warming:
            for connection in opened:
                await _warm(connection, wanted.bookings)
            return LoadResult(0.0, 0.0, [], [])
        left = iter(wanted.bookings)
        waits: list[float] = []
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(
            *(_send(connection, left, waits) for connection in opened[: wanted.connections])
        )
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        return LoadResult(seconds, used, waits, [])

    yield replay
    for connection in opened:
        await connection.close()


async def _send(connection: _Raw, left: Iterator[list[Sent]], waits: list[float]) -> None:
    for booking in left:
        began = time.perf_counter()
        for sent in booking:
            if sent.method == "execute":
                done = await connection.execute(sent.query, *sent.args)
                if done != sent.done:
                    raise RuntimeError(f"{done}, not {sent.done}, by {sent.query}")
            elif sent.method == "fetch":
                await connection.fetch(sent.query, *sent.args)
            else:
                await connection.fetchrow(sent.query, *sent.args)
        waits.append(time.perf_counter() - began)


async def _warm(connection: _Raw, bookings: list[list[Sent]]) -> None:
    for booking in bookings[:_WARMING]:
        undone = [
            Sent("execute", "ROLLBACK", (), "ROLLBACK") if sent.query == "COMMIT" else sent
            for sent in booking
        ]
        await _send(connection, iter([undone]), [])
