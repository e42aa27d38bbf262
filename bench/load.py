"""The load generator: a process of its own, raw HTTP/1.1 over kept connections.

Requests are encoded beforehand; a connection sends its next request from the callback in
which the last answer became whole.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from msgspec import Struct

__all__ = ["Load", "LoadResult", "generator", "get", "post"]


class Load(Struct, frozen=True):
    """What to send.

    Attributes:
        address: The server, such as ``http://127.0.0.1:8000``.
        requests: Each as it goes over the wire.
        clients: Connections; each has one request in flight.
        expected: The status that every answer must have.
        marker: Bytes that every answer must contain.
        seconds: Stop after this long, even with requests left.
        keep: Whether to return the answers.
    """

    address: str
    requests: list[bytes]
    clients: int
    expected: int
    marker: bytes
    seconds: float | None = None
    keep: bool = False


class LoadResult(Struct, frozen=True):
    """What came of it.

    Attributes:
        seconds: From the first request to the last answer.
        cpu_seconds: Used by the generator meanwhile.
        waits: Each answer's, in seconds.
        answers: Heads and bodies, where asked for.
    """

    seconds: float
    cpu_seconds: float
    waits: list[float]
    answers: list[bytes]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.waits) / self.seconds

    @property
    def cpu_share(self) -> float:
        """How much of one core the generator used."""
        return self.cpu_seconds / self.seconds


def post(path: str, body: bytes) -> bytes:
    """Return a POST of JSON as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, token: str | None = None) -> bytes:
    """Return a GET as it goes over the wire.

    Args:
        path: With its query.
        token: Of who asks; ``None`` shows none.
    """
    shown = "" if token is None else f"Authorization: Bearer {token}\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\n{shown}\r\n".encode()


@asynccontextmanager
async def generator() -> AsyncIterator[Callable[[Load], Awaitable[LoadResult]]]:
    """Open the generator, for a companion."""
    yield _send_all


async def _send_all(load: Load) -> LoadResult:
    loop = asyncio.get_running_loop()
    address = urlsplit(load.address)
    host, port = address.hostname or "", address.port or 80
    run = _Run(load)
    clients = [
        (await loop.create_connection(lambda: _Client(run, loop), host, port))[1]
        for _ in range(min(load.clients, len(load.requests)))
    ]
    began, cpu = time.perf_counter(), time.process_time()
    run.ends_at = began + load.seconds if load.seconds else None
    for client in clients:
        client.send_next()
    await asyncio.gather(*(client.done for client in clients))
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    for client in clients:
        client.close()
    return LoadResult(seconds, used, run.waits, run.answers)


class _Run:
    """What all clients of a load share."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.waits: list[float] = []
        self.answers: list[bytes] = []
        self.ends_at: float | None = None
        self._left: Iterator[bytes] = iter(load.requests)

    def next_request(self) -> bytes | None:
        if self.ends_at is not None and time.perf_counter() > self.ends_at:
            return None
        return next(self._left, None)

    def take(self, answer: bytes, wait: float) -> str | None:
        """Note an answer; return what is wrong with it."""
        self.waits.append(wait)
        load = self.load
        if load.keep:
            self.answers.append(answer)
        if int(answer[9:12]) != load.expected or load.marker not in answer:
            return answer[:2000].decode(errors="replace")
        return None


class _Client(asyncio.Protocol):
    def __init__(self, run: _Run, loop: asyncio.AbstractEventLoop) -> None:
        self._run = run
        self._buffer = b""
        self._whole = 0
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not descend from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail("the connection was closed")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def send_next(self) -> None:
        request = self._run.next_request()
        if request is None:
            if not self.done.done():
                self.done.set_result(None)
            return
        assert self._transport is not None
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._whole:
            self._whole = _length_of(self._buffer)
        if not self._whole or len(self._buffer) < self._whole:
            return
        answer, self._buffer, self._whole = self._buffer, b"", 0
        fault = self._run.take(answer, time.perf_counter() - self._sent_at)
        if fault is not None:
            self._fail(f"an answer is not as expected: {fault}")
            return
        self.send_next()

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))


def _length_of(begun: bytes) -> int:
    """Return the length of head and body, or 0 while the head is not whole."""
    end = begun.find(b"\r\n\r\n")
    if end < 0:
        return 0
    for line in begun[:end].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return end + 4 + int(line[15:])
    raise RuntimeError("an answer has no Content-Length")
