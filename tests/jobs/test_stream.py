"""Live status as server-sent events, on a real server."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from muster_edge.plugin import EdgePlugin
from muster_jobs.event_stream import EventStream, StreamTimes
from muster_jobs.live_status import LiveStatus, TooManyWatch
from tests.e2e.processes import PATIENCE_SECONDS, running
from tests.http.server_under_test import ServerUnderTest
from tests.jobs.admin_stage import ADMIN, TYPE, administered, post, put
from tests.jobs.stage import settings

pytestmark = pytest.mark.xdist_group("jobs")


@pytest.fixture(scope="module")
def module_server(database_url: str) -> Iterator[ServerUnderTest]:
    # Behind a deadline that is over long before the streams are.
    with administered(database_url, EdgePlugin, MUSTER_EDGE__REQUEST_SECONDS="0.5") as server:
        yield server


@pytest.fixture
def server(module_server: ServerUnderTest, clean_database: str) -> ServerUnderTest:
    return module_server


class Listener:
    """A client that listens."""

    def __init__(self, wire: socket.socket) -> None:
        self._lines = wire.makefile("r", encoding="utf-8", newline="")
        self.head = list(iter(lambda: self._lines.readline().strip(), ""))

    def event(self) -> Any:
        """The data of the next event."""
        while not (line := self._lines.readline()).startswith("data: "):
            assert line, "the stream ended"
        return json.loads(line.removeprefix("data: "))

    def until(self, **expected: int) -> Any:
        """The next event in which the counts of the type are so."""
        while True:
            event = self.event()
            (ours,) = [one for one in event["types"] if one["type"] == TYPE]
            if {name: ours[name] for name in expected} == expected:
                return event

    def rest(self) -> str:
        return self._lines.read()


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    name, value = ADMIN
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as wire:
        request = f"GET /admin/jobs/stream HTTP/1.1\r\nHost: localhost\r\n{name}: {value}\r\n\r\n"
        wire.sendall(request.encode())
        yield Listener(wire)


def test_whoever_listens_is_told_what_changes(server: ServerUnderTest, clean_database: str) -> None:
    with listening(server.api.port) as one, listening(server.api.port) as other:
        assert one.head[0] == "HTTP/1.1 200 OK"
        assert "content-type: text/event-stream; charset=utf-8" in one.head
        for listener in (one, other):
            listener.until(waiting=0)
        put(clean_database, "WAITING")
        for listener in (one, other):
            listener.until(waiting=1)
        post(server.api, "/queues/default/pause")
        assert any(queue["paused"] for queue in one.event()["queues"])


def test_whoever_comes_later_is_told_at_once(server: ServerUnderTest, clean_database: str) -> None:
    put(clean_database, "WAITING")
    with listening(server.api.port) as one:
        one.until(waiting=1)
        with listening(server.api.port) as other:
            other.until(waiting=1)


def test_a_server_that_is_told_to_end_ends_the_streams(tmp_path: Path, clean_database: str) -> None:
    """Far within the grace time, and the client hears the end of the answer."""
    given = settings(clean_database) | {
        "MUSTER_HTTP__DRAIN_SECONDS": "1",
        "MUSTER_HTTP__GRACE_SECONDS": "60",
    }
    with running(tmp_path, "serve", settings=given) as server:
        port = int(server.address().rpartition(":")[2])
        with listening(port) as listener:
            listener.event()
            began = time.monotonic()
            assert server.end() == 0
            assert time.monotonic() - began < 50
            assert listener.rest().endswith("0\r\n\r\n")


class Wire:
    """What a server is to an answer; a slow client takes no more after the first parts."""

    def __init__(self, parts: int) -> None:
        self.sent: list[bytes] = []
        self.left = asyncio.Event()
        self._parts = parts
        self._news = asyncio.Event()

    async def got(self, part: bytes) -> None:
        while part not in self.sent:
            self._news.clear()
            await self._news.wait()

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            if len(self.sent) == self._parts:
                await asyncio.Event().wait()
            self.sent.append(message["body"])
            self._news.set()

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}


async def never_ends() -> None:
    await asyncio.Event().wait()


def live(told: list[bytes], most: int = 100) -> LiveStatus:
    """Each look finds the next of what is told, and then waits for ever."""

    async def read() -> bytes:
        if not told:
            await never_ends()
        return told.pop(0)

    return LiveStatus(read, lambda: asyncio.sleep(0), most)


async def answered(status: LiveStatus, wire: Wire, times: StreamTimes) -> None:
    stream = EventStream(status.watched, lambda: False, times)
    await stream({}, wire.receive, wire.send)


@pytest.mark.anyio
async def test_a_slow_client_is_dropped_and_keeps_nobody_waiting() -> None:
    status, slow, quick = live([b"1", b"2", b"3"]), Wire(1), Wire(100)
    waiting = asyncio.create_task(answered(status, quick, StreamTimes()))
    await answered(status, slow, StreamTimes(patience=0.05))
    await quick.got(b"event: status\ndata: 3\n\n")
    quick.left.set()
    await waiting
    assert slow.sent == [quick.sent[0]]
    assert quick.sent[-1] == b"", "it was ended in order"


@pytest.mark.anyio
async def test_only_the_newest_waits_for_whoever_reads_slowly() -> None:
    status = live([b"%d" % number for number in range(1_000)])
    async with status.watched() as watch:
        while await watch.news(0.01) != b"999":
            pass
        assert await watch.news(0.01) is None


@pytest.mark.anyio
async def test_a_comment_comes_where_there_is_no_news() -> None:
    wire = Wire(100)
    times = StreamTimes(look=0.01, heartbeat=0.03, longest=0.2)
    await answered(live([b"1"]), wire, times)
    assert wire.sent[1] == b"event: status\ndata: 1\n\n"
    assert wire.sent[2] == b": still here\n\n"
    assert wire.sent[-1] == b"", "it ends by itself"


@pytest.mark.anyio
async def test_nothing_is_read_while_nobody_watches() -> None:
    """Neither before anybody does, nor once the last is gone."""
    looks = 0

    async def read() -> bytes:
        nonlocal looks
        looks += 1
        return b"%d" % looks

    status = LiveStatus(read, lambda: asyncio.sleep(0))

    async def looked() -> bool:
        before = looks
        for _ in range(20):
            await asyncio.sleep(0)
        return looks > before

    for _ in range(2):
        assert not await looked()
        async with status.watched():
            async with status.watched():
                assert await looked()
            assert await looked(), "one is left"
    assert not await looked()


@pytest.mark.anyio
async def test_only_so_many_may_watch() -> None:
    status = live([b"1"], most=2)
    async with status.watched(), status.watched():
        with pytest.raises(TooManyWatch):
            async with status.watched():
                raise AssertionError("it was let in")
    async with status.watched():
        pass


def test_one_too_many_is_refused_in_the_envelope(server: ServerUnderTest) -> None:
    held = []
    try:
        for _ in range(101):
            context = listening(server.api.port)
            held.append(context)
            listener = context.__enter__()
        assert listener.head[0].startswith("HTTP/1.1 429"), listener.head
    finally:
        for context in held:
            context.__exit__(None, None, None)
