"""Headers on every answer of a real server, also on those that no middleware ever sees."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from litestar.types import ASGIApp, Receive, Scope, Send

from muster.plugin_api import (
    API_VERSION,
    HttpMiddleware,
    Manifest,
    PortLookup,
    Slot,
    hookimpl,
)
from muster_edge.plugin import EdgePlugin
from muster_edge.security_headers import API_POLICY
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.http.server_under_test import ServerUnderTest, serving
from tests.http.test_raw_requests import CHUNKED, HOST, MALFORMED, said

APP = "https://app.example.org"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_SECONDS = 60


def failing(inner: ASGIApp, ports: PortLookup) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/fails":
            raise RuntimeError("on purpose")
        if scope["path"] == "/ends":
            raise asyncio.CancelledError
        await inner(scope, receive, send)

    return app


class Failing:
    """Fails outside of everything that answers faults, but for the outermost."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="failing", api_version=API_VERSION)

    @hookimpl
    def http_middleware(self) -> Sequence[HttpMiddleware]:
        return [HttpMiddleware(Slot.SECURITY, "a-failure", failing)]


@pytest.fixture(scope="module")
def module_server(database_url: str) -> Iterator[ServerUnderTest]:
    plugins = [PostgresPlugin, TrainerHttpPlugin, EdgePlugin, Failing]
    settings = {
        "MUSTER_EDGE__CORS_ORIGINS": APP,
        "MUSTER_EDGE__TRUSTED_PROXIES": "127.0.0.1",
        "MUSTER_EDGE__LIMITS": "errors=off",
    }
    with serving(database_url, plugins, **settings) as server:
        yield server


def get(path: str, *lines: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\n".encode()
        + HOST
        + "".join(f"{line}\r\n" for line in lines).encode()
        + b"\r\n"
    )


OUTSIDE = {
    "404": (get("/nowhere"), 404),
    "405": (b"DELETE /health HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "413 by length": (b"POST /nope HTTP/1.1\r\nContent-Length: 99999999\r\n" + HOST + b"\r\n", 413),
    "431 by the wrapper": (get("/nope", f"X-Long: {'a' * 64_000}"), 431),
    "431 by the parser": (get(f"/{'a' * 64_001}"), 431),
    "500 of a middleware": (get("/fails"), 500),
    "503 of what is ended": (get("/ends"), 503),
    "an invalid chunk": (b"POST /v1/zones HTTP/1.1\r\n" + CHUNKED + b"\r\nZZ\r\n", 400),
}  # fmt: skip
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": API_POLICY,
    "Cache-Control": "no-store",
}


def headers_of(server: ServerUnderTest, request: bytes, status: int) -> Any:
    with socket.create_connection(("127.0.0.1", server.api.port), timeout=10) as wire:
        answer = said(wire, request)
    assert answer.status == status
    for name, value in EVERYWHERE.items():
        assert answer.headers.get_all(name) == [value], name
    assert "camera=()" in answer.headers["Permissions-Policy"]
    return answer.headers


@pytest.mark.parametrize("kind", OUTSIDE)
def test_answers_outside_of_the_middleware_have_them(
    module_server: ServerUnderTest, kind: str
) -> None:
    request, status = OUTSIDE[kind]
    headers = headers_of(module_server, request, status)
    assert "Strict-Transport-Security" not in headers
    assert headers["Vary"] == "Origin"
    by_a_page = f"Host: localhost\r\nOrigin: {APP}\r\nX-Forwarded-Proto: https\r\n"
    by_a_page += "X-Forwarded-For: 203.0.113.9\r\n"
    headers = headers_of(module_server, request.replace(HOST, by_a_page.encode()), status)
    if kind == "431 by the parser":
        # It is refused with its first line, before any header was read.
        return
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_request_is_answered_with_them(
    module_server: ServerUnderTest, kind: str
) -> None:
    headers_of(module_server, MALFORMED[kind], 400)


def test_the_api_pages_run_in_a_browser_under_their_policy(
    module_server: ServerUnderTest, tmp_path: Path
) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no browser is at hand")
    shown = subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
            "--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000", "--dump-dom",
            f"http://127.0.0.1:{module_server.api.port}/docs",
        ],
        capture_output=True,
        text=True,
        timeout=BROWSER_SECONDS,
    )  # fmt: skip
    # Swagger UI has read the description and drawn every operation.
    assert len(re.findall(r'class="opblock ', shown.stdout)) > 40
    told = [line for line in shown.stderr.splitlines() if ":CONSOLE" in line]
    assert not [line for line in told if "Content Security Policy" in line or "violates" in line]
