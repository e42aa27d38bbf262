"""Clients that take their time: with a head, with a body, with nothing, with an answer."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.http.api import TIMEOUT_SECONDS, Api
from tests.http.server_under_test import ServerUnderTest, serving
from tests.http.test_raw_requests import CHUNKED, HOST, read, said

PATIENCE_SECONDS = 0.5
CROWD = 1_000
ROUTE = b"POST /v1/franchises HTTP/1.1\r\n"


@pytest.fixture(scope="module")
def module_server(database_url: str) -> Iterator[ServerUnderTest]:
    with serving(database_url, MUSTER_HTTP__CLIENT_SECONDS=str(PATIENCE_SECONDS)) as server:
        yield server


@pytest.fixture
def wire(used_api: Api) -> Iterator[socket.socket]:
    with connected(used_api) as connection:
        yield connection


def connected(api: Api) -> socket.socket:
    return socket.create_connection(("127.0.0.1", api.port), timeout=TIMEOUT_SECONDS)


def dribbled(wire: socket.socket, part: bytes) -> None:
    """Send a part again and again, each time well before anybody would lose patience."""
    wire.settimeout(PATIENCE_SECONDS / 10)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        with suppress(TimeoutError):
            wire.recv(1, socket.MSG_PEEK)
            break
        with suppress(BrokenPipeError, ConnectionResetError):
            wire.sendall(part)
    wire.settimeout(TIMEOUT_SECONDS)


DRIBBLED = {
    "a line": (b"GET /v1/z", b"o"),
    "a header": (b"GET /v1/zones HTTP/1.1\r\n" + HOST + b"X-Long: ", b"a"),
    "headers": (b"GET /v1/zones HTTP/1.1\r\n" + HOST, b"X-A: a\r\n"),
    "a body": (ROUTE + HOST + b"Content-Length: 900\r\n\r\n", b" "),
    "chunks": (ROUTE + CHUNKED + b"\r\n", b"1\r\n \r\n"),
    "trailers": (ROUTE + CHUNKED + b"\r\n2\r\n{}\r\n0\r\n", b"X-A: a\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DRIBBLED)
def test_a_request_that_comes_in_drops_is_given_up(wire: socket.socket, kind: str) -> None:
    start, drop = DRIBBLED[kind]
    wire.sendall(start)
    dribbled(wire, drop)
    answer = read(wire, "POST" if start.startswith(b"POST") else "GET")
    assert (answer.status, answer.error["code"]) == (408, "REQUEST_TIMEOUT")
    assert answer.headers["Connection"] == "close"


def test_a_second_request_on_a_connection_is_not_waited_for_longer(wire: socket.socket) -> None:
    assert said(wire, b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n").status == 200
    wire.sendall(b"GET /v1/zones HTTP/1.1\r\n")
    dribbled(wire, b"X-A: a\r\n")
    assert read(wire).status == 408


@pytest.mark.parametrize(("asked", "drop"), [(0, b""), (0, b"\r\n"), (1, b"\r\n")])
def test_who_says_nothing_is_closed_without_a_word(
    wire: socket.socket, asked: int, drop: bytes
) -> None:
    for _ in range(asked):
        assert said(wire, b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n").status == 200
    dribbled(wire, drop)
    with suppress(ConnectionResetError):
        assert wire.recv(100) == b""


def test_a_body_that_nobody_wants_is_not_waited_for(wire: socket.socket) -> None:
    wire.sendall(b"POST /nope HTTP/1.1\r\n" + CHUNKED + b"\r\n")
    assert read(wire).status == 404
    dribbled(wire, b"1\r\n \r\n")
    with suppress(ConnectionResetError):
        assert wire.recv(100) == b""


def test_who_does_not_take_the_answers_is_cut_off(used_api: Api) -> None:
    """A window of a few kB, and megabytes of answers that wait for it."""
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.settimeout(TIMEOUT_SECONDS)
        wire.connect(("127.0.0.1", used_api.port))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            ask_on(wire)


def ask_on(wire: socket.socket) -> None:
    """Ask for more, and read nothing."""
    for _ in range(200):
        wire.sendall(b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(PATIENCE_SECONDS / 10)


@pytest.fixture
def enough_files() -> Iterator[None]:
    """Both ends of every connection are of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * CROWD
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip("so many files may not be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("enough_files")
def test_a_crowd_that_only_waits_stops_nobody(used_api: Api) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(connected(used_api)) for _ in range(CROWD)]
        for place, wire in enumerate(crowd):
            start, _ = list(DRIBBLED.values())[place % len(DRIBBLED)]
            if place % 7:
                # Where the crowd takes long to come, its first are given up before they say much.
                with suppress(BrokenPipeError, ConnectionResetError):
                    wire.sendall(start)
        assert used_api.get("/health").status == 200
        assert used_api.get("/v1/zones").status == 200
        for wire in crowd:
            read_to_the_end(wire)
    assert used_api.get("/health").status == 200


def read_to_the_end(wire: socket.socket) -> None:
    """Read until it is closed; or reset, as it ends where more was sent in that moment."""
    with suppress(ConnectionResetError):
        while wire.recv(4_096):
            pass
