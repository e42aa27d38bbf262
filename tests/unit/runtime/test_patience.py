"""How long a connection waits for its client, in a loop whose clock the test moves."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send
from uvicorn.server import ServerState

from muster.runtime.http_protocol import EnvelopeProtocol
from muster.testing.examples import AN_INSTANT

PATIENCE_SECONDS = 30.0
QUICK = b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
UPLOAD = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
UNREAD = b"POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"


class MovedLoop(asyncio.SelectorEventLoop):
    """A loop in which time passes at a word."""

    passed = 0.0

    def time(self) -> float:
        return super().time() + self.passed


class Conversation:
    """A connection to a server that answers ``/slow`` when it is told to."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._told = asyncio.Event()
        self.received = b""

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == ScopeType.HTTP
        if scope["path"] == "/slow":
            await self._told.wait()
        if scope["path"] == "/read":
            while cast("Any", await receive())["more_body"]:
                pass
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def says(self, text: bytes) -> None:
        self._wire.sendall(text)
        await self._settled()

    async def passes(self, seconds: float) -> None:
        cast("MovedLoop", asyncio.get_running_loop()).passed += seconds
        await self._settled()

    async def slow_one_is_answered(self) -> None:
        self._told.set()
        await self._settled()

    @property
    def statuses(self) -> list[int]:
        return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d+) ", self.received)]

    def is_open(self) -> bool:
        try:
            return self._wire.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False

    async def _settled(self) -> None:
        """Let happen what can happen without more time; the wire is within this process."""
        for _ in range(50):
            await asyncio.sleep(0)
        try:
            while part := self._wire.recv(65_536):
                self.received += part
        except BlockingIOError:
            return


@asynccontextmanager
async def conversing(patience_seconds: float) -> AsyncIterator[Conversation]:
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with theirs:
        conversation = Conversation(theirs)
        config = uvicorn.Config(
            cast("Any", conversation.app),
            interface="asgi3",
            ws="none",
            log_config=None,
            proxy_headers=False,
        )
        config.load()
        transport, _ = await loop.connect_accepted_socket(
            lambda: EnvelopeProtocol(
                config,
                ServerState(),
                {},
                now=lambda: AN_INSTANT,
                new_correlation_id=lambda: "new",
                complete=lambda scope, status, headers: headers,
                client_seconds=patience_seconds,
            ),
            ours,
        )
        yield conversation
        transport.abort()
        await asyncio.sleep(0)


def run(
    talk: Callable[[Conversation], Awaitable[None]], patience_seconds: float = PATIENCE_SECONDS
) -> None:
    async def whole() -> None:
        async with conversing(patience_seconds) as conversation:
            await talk(conversation)

    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(whole())


def test_the_clock_of_a_request_begins_with_it_and_not_with_the_connection() -> None:
    async def talk(client: Conversation) -> None:
        await client.passes(25)
        await client.says(QUICK + SLOW[:10])
        await client.slow_one_is_answered()
        await client.passes(25)
        assert client.statuses == [200]
        await client.says(SLOW[10:])
        assert client.statuses == [200, 200]

    run(talk)


def test_it_ends_with_it_too() -> None:
    async def talk(client: Conversation) -> None:
        await client.passes(25)
        await client.says(QUICK + SLOW[:10])
        await client.passes(31)
        assert client.statuses == [200, 408]

    run(talk)


def test_a_request_behind_a_slow_one_is_not_given_up_while_nobody_reads_it() -> None:
    async def talk(client: Conversation) -> None:
        await client.says(SLOW + UPLOAD)
        await client.passes(40)
        await client.slow_one_is_answered()
        await client.passes(25)
        await client.says(b"body")
        assert client.statuses == [200, 200]

    run(talk)


def test_but_it_is_once_it_is_read() -> None:
    async def talk(client: Conversation) -> None:
        await client.says(SLOW + UPLOAD)
        await client.passes(40)
        await client.slow_one_is_answered()
        await client.passes(31)
        assert client.statuses == [200, 408]

    run(talk)


def test_what_cannot_be_read_behind_a_slow_one_does_not_cut_its_answer_off() -> None:
    async def talk(client: Conversation) -> None:
        await client.says(SLOW + b"nonsense\r\n\r\n")
        await client.passes(40)
        await client.slow_one_is_answered()
        assert client.statuses == [200, 400]

    run(talk)


def test_nothing_is_asked_only_since_the_body_is_whole_that_nobody_wanted() -> None:
    async def talk(client: Conversation) -> None:
        await client.says(UNREAD)
        assert client.statuses == [200]
        await client.says(b"bod")
        await client.passes(25)
        await client.says(b"y")
        await client.passes(25)
        assert client.is_open()
        await client.passes(6)
        assert not client.is_open()
        assert client.statuses == [200]

    run(talk)


def test_after_an_answer_the_next_request_is_waited_for_as_long_as_the_first() -> None:
    async def talk(client: Conversation) -> None:
        await client.says(SLOW)
        await client.passes(3)
        await client.slow_one_is_answered()
        await client.passes(1)
        assert (client.statuses, client.is_open()) == ([200], True)
        await client.passes(2)
        assert not client.is_open()

    run(talk, patience_seconds=2)
