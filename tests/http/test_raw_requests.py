"""What no well-behaved client sends, written to the socket as it is."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.client import HTTPResponse
from itertools import repeat

import pytest

from tests.http.api import TIMEOUT_SECONDS, Answer, Api, check

HOST = b"Host: localhost\r\n"
MEGABYTE = 1_000_000
CHUNK = b"%x\r\n" % 65_536 + b"a" * 65_536 + b"\r\n"
CHUNKED = HOST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"


@pytest.fixture
def api(used_api: Api) -> Api:
    """Nothing here minds what other tests have stored."""
    return used_api


@pytest.fixture
def wire(api: Api) -> Iterator[socket.socket]:
    address = ("127.0.0.1", api.port)
    with socket.create_connection(address, timeout=TIMEOUT_SECONDS) as connection:
        yield connection


def read(wire: socket.socket, method: str = "GET") -> Answer:
    response = HTTPResponse(wire, method=method)
    response.begin()
    answer = Answer(response.status, response.headers, response.read())
    check(answer, method, "")
    return answer


def said(wire: socket.socket, request: bytes, method: str = "GET") -> Answer:
    wire.sendall(request)
    return read(wire, method)


def statuses(wire: socket.socket) -> list[int]:
    """Read until the connection is closed, and return what was answered."""
    received = b""
    while part := wire.recv(65_536):
        received += part
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d+) ", received)]


def sent_until_answered(wire: socket.socket, parts: Iterable[bytes], most: int) -> int:
    """Send while nothing is answered, and return how much was sent."""
    sent = 0
    wire.setblocking(True)
    for part in parts:
        assert sent <= most, "the server reads without an end"
        try:
            wire.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            break
        sent += len(part)
        wire.settimeout(0.001)
        with suppress(TimeoutError):
            wire.recv(1, socket.MSG_PEEK)
            break
        wire.settimeout(TIMEOUT_SECONDS)
    wire.settimeout(TIMEOUT_SECONDS)
    return sent


def assert_closed(wire: socket.socket) -> None:
    assert wire.recv(1) == b""


def assert_serves(api: Api) -> None:
    assert api.get("/health").status == 200


MALFORMED = {
    "no method": b"GARBAGE\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no version": b"GET /health\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version of another kind": b"GET /health HTTP/2.0\r\n" + HOST + b"\r\n",
    "an old version": b"GET /health HTTP/0.9\r\n" + HOST + b"\r\n",
    "bytes in the path": b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET http://localhost HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in a name": b"GET /health HTTP/1.1\r\nHo st: a\r\n\r\n",
    "a space after a name": b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
    "no name": b"GET /health HTTP/1.1\r\n: a\r\n\r\n",
    "NUL": b"GET /health HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    "a folded header": b"GET /health HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
    "lines without CR": b"GET /health HTTP/1.1\nHost: a\n\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "two other hosts": b"GET /health HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    "encoding, then length": b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED
    + b"Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "length, then encoding": b"POST /v1/zones HTTP/1.1\r\nContent-Length: 2\r\n" + CHUNKED
    + b"\r\n2\r\n{}\r\n0\r\n\r\n",
    "two lengths": b"POST /v1/zones HTTP/1.1\r\n" + HOST
    + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a length that is none": b"POST /v1/zones HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "a length beyond numbers": b"POST /v1/zones HTTP/1.1\r\n" + HOST
    + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "another encoding": b"POST /v1/zones HTTP/1.1\r\n" + HOST
    + b"Transfer-Encoding: gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "an invalid chunk": b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\nZZ\r\n{}\r\n0\r\n\r\n",
    "a chunk that is longer": b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\n2\r\n{}{}\r\n",
    "a length among the trailers": b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED
    + b"\r\n2\r\n{}\r\n0\r\nContent-Length: 2\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_request_is_answered_by_the_envelope(
    api: Api, wire: socket.socket, request_: bytes
) -> None:
    answer = said(wire, request_)
    assert (answer.status, answer.error["code"]) == (400, "MALFORMED_REQUEST")
    assert answer.headers["Connection"] == "close"
    assert_closed(wire)
    assert_serves(api)


@pytest.mark.parametrize("headers", [HOST + HOST, HOST + b"Transfer-Encoding: chunked\r\n"])
def test_a_refused_request_writes_nothing(api: Api, wire: socket.socket, headers: bytes) -> None:
    body = b'{"name": "Smuggled"}'
    line = b"POST /v1/franchises HTTP/1.1\r\nContent-Type: application/json\r\n"
    answer = said(wire, line + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.status == 400
    assert "Smuggled" not in [one["name"] for one in api.walk("/v1/franchises")]


def test_a_chunk_that_fails_while_the_body_is_awaited(wire: socket.socket) -> None:
    wire.sendall(b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\n2\r\n{}\r\n")
    wire.settimeout(0.2)
    with pytest.raises(TimeoutError):
        wire.recv(1)
    wire.settimeout(TIMEOUT_SECONDS)
    answer = said(wire, b"ZZ\r\n")
    assert (answer.status, answer.error["code"]) == (400, "MALFORMED_REQUEST")
    assert_closed(wire)


def test_a_failure_keeps_the_correlation_id_and_the_preference(wire: socket.socket) -> None:
    answer = said(
        wire,
        b"GET / HTTP/1.1\r\nX-Correlation-ID: mine\r\nAccept: application/problem+json\r\n"
        b"X-Other: a\r\nHo st: a\r\n\r\n",
    )
    assert answer.correlation_id == "mine"
    assert answer.json["status"] == 400


def test_a_failure_does_not_take_the_correlation_id_of_an_earlier_request(
    wire: socket.socket,
) -> None:
    first = said(wire, b"GET /health HTTP/1.1\r\nX-Correlation-ID: first\r\n" + HOST + b"\r\n")
    assert (first.status, first.correlation_id) == (200, "first")
    assert said(wire, b"GARBAGE\r\n\r\n").correlation_id != "first"


@pytest.mark.parametrize(
    "failing",
    [b"GARBAGE\r\n\r\n", b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\nZZ\r\n"],
    ids=["without a head", "in its body"],
)
def test_a_failure_waits_for_the_answers_before_it(wire: socket.socket, failing: bytes) -> None:
    good = b"GET /v1/zones?limit=1 HTTP/1.1\r\n" + HOST + b"\r\n"
    wire.sendall(good + good + failing)
    assert statuses(wire) == [200, 200, 400]


def test_an_old_client_names_no_host(wire: socket.socket) -> None:
    assert said(wire, b"GET /health HTTP/1.0\r\n\r\n").status == 200


def test_trailers_are_no_headers(wire: socket.socket) -> None:
    body = b'{"name": 5}'
    request = b"POST /v1/franchises HTTP/1.1\r\n" + CHUNKED + b"\r\n%x\r\n" % len(body) + body
    answer = said(wire, request + b"\r\n0\r\nHost: b\r\nX-Correlation-ID: late\r\n\r\n")
    assert answer.faults() == {"name": "TYPE"}
    assert answer.correlation_id != "late"


def request_with(size: int, kind: str) -> bytes:
    if kind == "path":
        return b"GET /" + b"a" * size + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    if kind == "query":
        return b"GET /v1/zones?name=" + b"a" * size + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    if kind == "one header":
        return b"GET /nope HTTP/1.1\r\n" + HOST + b"X-Long: " + b"a" * size + b"\r\n\r\n"
    return b"GET /nope HTTP/1.1\r\n" + HOST + b"X-A: aaaa\r\n" * (size // 11) + b"\r\n"


@pytest.mark.parametrize("kind", ["path", "query", "one header", "many headers"])
@pytest.mark.parametrize("size", [64_000, 70_000, MEGABYTE])
def test_headers_that_are_too_large(api: Api, wire: socket.socket, kind: str, size: int) -> None:
    answer = said(wire, request_with(size, kind))
    assert (answer.status, answer.error["code"]) == (431, "HEADERS_TOO_LARGE")
    assert_closed(wire)
    assert_serves(api)


@pytest.mark.parametrize("kind", ["path", "one header", "many headers"])
def test_headers_that_are_just_not_too_large(wire: socket.socket, kind: str) -> None:
    assert said(wire, request_with(63_900, kind)).error["code"] == "NOT_FOUND"


def test_headers_may_follow_a_large_body(wire: socket.socket) -> None:
    """The size of one request is not counted for the next."""
    body = b" " * 300_000
    first = b"POST /nope HTTP/1.1\r\nContent-Length: %d\r\n" % len(body) + HOST + b"\r\n" + body
    second = request_with(60_000, "one header").replace(HOST, HOST + b"Connection: close\r\n")
    wire.sendall(first + second)
    assert statuses(wire) == [404, 404]


NEVER_ENDING = {
    "a path": (b"GET /", b"a" * 10_000),
    "a header": (b"GET / HTTP/1.1\r\n" + HOST + b"X-Long: ", b"a" * 10_000),
    "a name": (b"GET / HTTP/1.1\r\n" + HOST, b"a" * 10_000),
    "headers": (b"GET / HTTP/1.1\r\n" + HOST, b"X-A: aaaa\r\n" * 1_000),
    "a trailer": (b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\n0\r\nX-A: ", b"a" * 10_000),
    "trailers": (b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\n0\r\n", b"X-A: aa\r\n" * 1_000),
    "a chunk's extension": (b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\n2;", b"a" * 10_000),
}  # fmt: skip


@pytest.mark.parametrize("kind", NEVER_ENDING)
def test_what_never_ends_is_cut_off(api: Api, wire: socket.socket, kind: str) -> None:
    start, part = NEVER_ENDING[kind]
    wire.sendall(start)
    sent = sent_until_answered(wire, repeat(part), 5 * MEGABYTE)
    answer = read(wire)
    assert (answer.status, answer.error["code"]) == (431, "HEADERS_TOO_LARGE")
    assert sent < 2 * MEGABYTE
    assert_serves(api)


ROUTES = [
    ("POST", "/v1/franchises"),
    ("GET", "/v1/zones"),
    ("GET", "/health"),
    ("POST", "/nope"),
    ("DELETE", "/v1/zones"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("length", [10 * MEGABYTE + 1, 1_000 * MEGABYTE])
def test_a_length_that_is_too_large_is_refused_before_the_body(
    wire: socket.socket, method: str, path: str, length: int
) -> None:
    line = f"{method} {path} HTTP/1.1\r\nContent-Length: {length}\r\n".encode()
    for expect in (b"", b"Expect: 100-continue\r\n"):
        with socket.create_connection(wire.getpeername(), timeout=TIMEOUT_SECONDS) as other:
            other.sendall(line + expect + HOST + b"\r\n")
            assert other.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 413", "no 100 before it"
            answer = read(other)
            assert (answer.status, answer.error["code"]) == (413, "PAYLOAD_TOO_LARGE")
            assert answer.headers["Connection"] == "close"


def test_a_body_that_is_awaited_is_asked_for(wire: socket.socket) -> None:
    body = b'{"name": 5}'
    wire.sendall(
        b"POST /v1/franchises HTTP/1.1\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(body) + HOST + b"\r\n"
    )
    assert wire.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert said(wire, body).faults() == {"name": "TYPE"}


@pytest.mark.parametrize("path", ["/v1/franchises", "/v1/bookings/preview"])
def test_a_body_in_chunks_that_is_too_large_sees_its_answer(
    api: Api, wire: socket.socket, path: str
) -> None:
    wire.sendall(f"POST {path} HTTP/1.1\r\n".encode() + CHUNKED + b"\r\n")
    for _ in range(11 * MEGABYTE // 65_536):
        wire.sendall(CHUNK)
    answer = said(wire, b"0\r\n\r\n")
    assert (answer.status, answer.error["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer.headers["Connection"] == "close"
    assert_closed(wire)
    assert_serves(api)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_body_without_an_end_is_cut_off(
    api: Api, wire: socket.socket, method: str, path: str
) -> None:
    wire.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + CHUNKED + b"\r\n")
    sent = 0
    with suppress(BrokenPipeError, ConnectionResetError):
        while sent < 100 * MEGABYTE:
            wire.sendall(CHUNK)
            sent += len(CHUNK)
    assert sent < 60 * MEGABYTE
    assert_serves(api)


def test_a_body_that_nobody_asked_for_keeps_the_connection(wire: socket.socket) -> None:
    wire.sendall(b"POST /nope HTTP/1.1\r\nContent-Length: 5000\r\n" + HOST + b"\r\n")
    assert read(wire).status == 404
    wire.sendall(b"a" * 5_000)
    assert said(wire, b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n").status == 200


def test_many_requests_on_one_connection(wire: socket.socket) -> None:
    body = json.dumps({"name": 5}).encode()
    one = b"POST /v1/franchises HTTP/1.1\r\nContent-Type: application/json\r\n"
    for _ in range(50):
        wire.sendall(one + HOST + b"Content-Length: %d\r\n\r\n" % len(body))
        assert said(wire, body).status == 400
