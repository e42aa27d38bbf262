"""Requests at a steady rate, whatever the answers, as a load balancer sends them.

Half of them on connections that are kept, half on fresh ones. A connection whose answer said
``Connection: close`` is not used again, and neither is one that has ended meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

__all__ = ["Connection", "Exchange", "Load", "Order"]

ANSWER_SECONDS = 30


class Order(NamedTuple):
    """A request that is to be sent; a POST if it has a body."""

    path: str
    body: Any = None


class Exchange(NamedTuple):
    """A request and what became of it.

    Attributes:
        fresh: Whether it had a connection of its own.
        began: When it was begun, before there was a connection for it; monotonic seconds.
        ended: When the answer, or what came instead, was there.
        status: Of the answer; 0 where there is none.
        closing: Whether the answer said ``Connection: close``.
        failure: What happened instead of an answer.
    """

    order: Order
    fresh: bool
    began: float
    ended: float
    status: int = 0
    closing: bool = False
    body: Any = None
    failure: OSError | EOFError | None = None

    @property
    def refused(self) -> bool:
        return isinstance(self.failure, ConnectionRefusedError)


class Connection:
    """One connection to a server, for one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    @property
    def usable(self) -> bool:
        return not self._reader.at_eof()

    async def send(self, order: Order, *, last: bool = False) -> None:
        content = b"" if order.body is None else json.dumps(order.body).encode()
        head = [f"{'GET' if order.body is None else 'POST'} {order.path} HTTP/1.1", "Host: muster"]
        if content:
            head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        if last:
            head.append("Connection: close")
        self._writer.write("\r\n".join([*head, "", ""]).encode() + content)
        await self._writer.drain()

    async def answer(self) -> tuple[int, bool, Any]:
        """Return status, whether the server closes the connection after it, and body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        lines = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in lines}
        content = await self._reader.readexactly(int(headers["content-length"]))
        closing = headers.get("connection", "").lower() == "close"
        return int(head[0].split()[1]), closing, json.loads(content) if content else None

    def close(self) -> None:
        self._writer.close()


class Load:
    """Sends orders to one server.

    Attributes:
        exchanges: What became of those that have ended.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: deque[Connection] = deque()
        self.exchanges: list[Exchange] = []

    async def at(
        self, rate: float, order: Callable[[int], Order], stop: Callable[[], bool]
    ) -> None:
        """Send so many a second until it is time to stop, and await every answer.

        Args:
            rate: Requests a second; late ones are sent all the same.
            order: What to send, by its number.
            stop: Asked before each one.
        """
        began = time.monotonic()
        async with asyncio.TaskGroup() as sent:
            number = 0
            while not stop():
                sent.create_task(self.exchange(order(number), fresh=number % 2 == 0))
                number += 1
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        for connection in self._idle:
            connection.close()

    async def exchange(self, order: Order, *, fresh: bool) -> Exchange:
        """Send one and await its answer."""
        began = time.monotonic()
        kept = None if fresh else self._kept()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                connection = kept or await Connection.to(self._port)
                await connection.send(order, last=fresh)
                status, closing, body = await connection.answer()
        except (OSError, EOFError) as failure:
            ended = Exchange(order, fresh, began, time.monotonic(), failure=failure)
        else:
            ended = Exchange(order, fresh, began, time.monotonic(), status, closing, body)
            if closing:
                connection.close()
            else:
                self._idle.append(connection)
        self.exchanges.append(ended)
        return ended

    def _kept(self) -> Connection | None:
        while self._idle:
            # The one unused for longest, so that each is used again and again.
            if (connection := self._idle.popleft()).usable:
                return connection
        return None


async def every(
    seconds: float, act: Callable[[], Awaitable[object]], stop: Callable[[], bool]
) -> None:
    """Do something again and again."""
    while not stop():
        await act()
        await asyncio.sleep(seconds)


def failed(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Those without a good answer."""
    return [one for one in exchanges if not 200 <= one.status < 300]
