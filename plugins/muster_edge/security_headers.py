"""What browsers are told about every answer: what it may do, and who may keep or frame it."""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from muster_edge.noted_headers import noted_headers
from muster_edge.paths import segments
from muster_edge.route_classes import is_verification

__all__ = ["API_POLICY", "DOCS_POLICY", "SecurityHeaders"]

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""JSON loads nothing and is shown in nothing."""

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Swagger UI: its files and its questions to the API; its icons are data URLs."""

_DOCS = "docs"
_BEGIN_OF_ERRORS = 400
_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_STORE = (b"cache-control", b"no-store")


class SecurityHeaders:
    """Adds the headers; one that the answer has already stays as it is."""

    def __init__(self, app: ASGIApp, hsts: str | None) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            hsts: What ``Strict-Transport-Security`` says behind TLS; ``None`` says nothing.
        """
        self._app = app
        of_api = (*_COMMON, (b"content-security-policy", API_POLICY.encode("ascii")))
        of_docs = (*_COMMON, (b"content-security-policy", DOCS_POLICY.encode("ascii")))
        secure = () if hsts is None else ((b"strict-transport-security", hsts.encode("ascii")),)
        self._lines = {
            ("http", False): of_api,
            ("http", True): of_docs,
            ("https", False): (*of_api, *secure),
            ("https", True): (*of_docs, *secure),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        # Routing rewrites the path in the scope, so it is looked at before.
        path = segments(scope["path"])
        lines = self._lines["https" if scope["scheme"] == "https" else "http", path[:1] == (_DOCS,)]
        kept_by_all = path[:1] == (_DOCS,) or is_verification(scope["method"], path)

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                present = {name.lower() for name, _ in headers}
                wanted = [*lines, *noted_headers(scope)]
                if not kept_by_all or message["status"] >= _BEGIN_OF_ERRORS:
                    wanted.append(_NO_STORE)
                message["headers"] = [*headers, *(one for one in wanted if one[0] not in present)]
            await send(message)

        await self._app(scope, receive, completed)
