"""Which pages of other origins may ask: those that are named, to the letter."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from muster_edge.noted_headers import HeaderLines

__all__ = ["Origins", "Preflights", "checked_origin"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = b"Accept, Authorization, Content-Type, If-None-Match, X-Correlation-ID"
_EXPOSED = b"ETag, RateLimit, RateLimit-Policy, Retry-After, X-Correlation-ID"
_EXPOSING = (b"access-control-expose-headers", _EXPOSED)
_CREDENTIALS = (b"access-control-allow-credentials", b"true")


def checked_origin(text: str) -> str:
    """Return an origin, if that is what a browser would send.

    Args:
        text: Such as ``https://app.example.org``.

    Raises:
        ValueError: It is no origin of HTTP, holds a pattern, or is not written as browsers do.
    """
    parts = urlsplit(text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "*" in text:
        raise ValueError(f"{text!r} is no origin; write scheme://host or scheme://host:port")
    default = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    written = f"{parts.scheme}://{host}" + ("" if default else f":{parts.port}")
    if text != written or not text.isascii():
        raise ValueError(f"browsers never send the origin {text!r}; did you mean {written!r}?")
    return text


class Origins:
    """The origins that are named: their pages may read every answer."""

    def __init__(self, origins: Iterable[str], *, credentials: bool) -> None:
        """Name origins.

        Args:
            origins: As ``checked_origin`` returns them.
            credentials: Whether browsers may send cookies and certificates.
        """
        self._origins = frozenset(origin.encode("ascii") for origin in origins)
        self._granted = (_CREDENTIALS, _EXPOSING) if credentials else (_EXPOSING,)

    def named(self, scope: HTTPScope) -> bytes | None:
        """Return the origin of a request, if it is one of these."""
        sent = [value for name, value in scope["headers"] if name == b"origin"]
        return sent[0] if len(sent) == 1 and sent[0] in self._origins else None

    def complete(self, scope: HTTPScope, status: int, headers: HeaderLines) -> HeaderLines:
        """Return the headers of an answer with leave to read it, where there is some."""
        origin = self.named(scope)
        if origin is None:
            return _varied(headers)
        return [*_varied(headers), (b"access-control-allow-origin", origin), *self._granted]


class Preflights:
    """Answers preflights before anything is routed."""

    def __init__(self, app: ASGIApp, origins: Origins, max_age_seconds: int) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            origins: Those that are named.
            max_age_seconds: How long a browser may keep the answer to a preflight.
        """
        self._app = app
        self._origins = origins
        self._leave = (
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _REQUEST_HEADERS),
            (b"access-control-max-age", str(max_age_seconds).encode("ascii")),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        if not _is_preflight(scope):
            await self._app(scope, receive, send)
            return
        headers = [(b"vary", b"Origin, Access-Control-Request-Method")]
        if self._origins.named(scope) is not None:
            headers += self._leave
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_preflight(scope: HTTPScope) -> bool:
    if scope["method"] != "OPTIONS":
        return False
    return {b"origin", b"access-control-request-method"} <= {name for name, _ in scope["headers"]}


def _varied(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Say that an answer depends on the origin: a cache must not hand it to another one."""
    kept = [(name, value) for name, value in headers if name.lower() != b"vary"]
    said = [value for name, value in headers if name.lower() == b"vary"]
    words = {word.strip().lower() for value in said for word in value.split(b",")}
    if not words & {b"*", b"origin"}:
        said.append(b"Origin")
    return [*kept, (b"vary", b", ".join(said))]
