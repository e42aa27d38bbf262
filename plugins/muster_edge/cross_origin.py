"""Which pages of other origins may ask: those that are named, to the letter."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

__all__ = ["CrossOrigin", "checked_origin"]

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


class CrossOrigin:
    """Answers preflights before anything is routed, and lets named origins read answers."""

    def __init__(
        self, app: ASGIApp, origins: Iterable[str], *, credentials: bool, max_age_seconds: int
    ) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            origins: As ``checked_origin`` returns them.
            credentials: Whether browsers may send cookies and certificates.
            max_age_seconds: How long a browser may keep the answer to a preflight.
        """
        self._app = app
        self._origins = frozenset(origin.encode("ascii") for origin in origins)
        self._credentials = (_CREDENTIALS,) if credentials else ()
        self._preflight = (
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _REQUEST_HEADERS),
            (b"access-control-max-age", str(max_age_seconds).encode("ascii")),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        sent = [value for name, value in scope["headers"] if name == b"origin"]
        origin = sent[0] if len(sent) == 1 and sent[0] in self._origins else None
        if sent and _is_preflight(scope):
            await self._answer_preflight(origin, send)
            return
        allowed = () if origin is None else (*self._of(origin), _EXPOSING)

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*_varied(message["headers"]), *allowed]
            await send(message)

        await self._app(scope, receive, shared)

    async def _answer_preflight(self, origin: bytes | None, send: Send) -> None:
        headers = [(b"vary", b"Origin, Access-Control-Request-Method")]
        if origin is not None:
            headers += [*self._of(origin), *self._preflight]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _of(self, origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"access-control-allow-origin", origin), *self._credentials)


def _is_preflight(scope: HTTPScope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return scope["method"] == "OPTIONS" and b"access-control-request-method" in names


def _varied(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Say that an answer depends on the origin: a cache must not hand it to another one."""
    kept = [(name, value) for name, value in headers if name.lower() != b"vary"]
    said = [value for name, value in headers if name.lower() == b"vary"]
    words = {word.strip().lower() for value in said for word in value.split(b",")}
    if not words & {b"*", b"origin"}:
        said.append(b"Origin")
    return [*kept, (b"vary", b", ".join(said))]
