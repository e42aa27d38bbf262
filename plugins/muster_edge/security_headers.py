"""What browsers are told about every answer: what it may do, and who may keep or frame it."""

from __future__ import annotations

from litestar.types import HTTPScope

from muster_edge.client_addresses import Proxies
from muster_edge.noted_headers import HeaderLines, noted_headers
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

    def __init__(self, proxies: Proxies, hsts: str | None) -> None:
        """Add them.

        Args:
            proxies: Tell by which scheme a request came to them.
            hsts: What ``Strict-Transport-Security`` says behind TLS; ``None`` says nothing.
        """
        self._proxies = proxies
        of_api = (*_COMMON, (b"content-security-policy", API_POLICY.encode("ascii")))
        of_docs = (*_COMMON, (b"content-security-policy", DOCS_POLICY.encode("ascii")))
        secure = () if hsts is None else ((b"strict-transport-security", hsts.encode("ascii")),)
        self._lines = {
            ("http", False): of_api,
            ("http", True): of_docs,
            ("https", False): (*of_api, *secure),
            ("https", True): (*of_docs, *secure),
        }

    def complete(self, scope: HTTPScope, status: int, headers: HeaderLines) -> HeaderLines:
        """Return the headers of an answer with those that it lacks."""
        # Nothing has done so for what was refused before the middleware.
        self._proxies.put_right(scope)
        # Routing rewrites the other path.
        path = segments(scope["raw_path"].decode("latin-1"))
        of_docs = path[:1] == (_DOCS,)
        lines = self._lines["https" if scope["scheme"] == "https" else "http", of_docs]
        wanted = [*lines, *noted_headers(scope)]
        kept_by_all = of_docs or is_verification(scope["method"], path)
        if not kept_by_all or status >= _BEGIN_OF_ERRORS:
            wanted.append(_NO_STORE)
        present = {name.lower() for name, _ in headers}
        return [*headers, *(one for one in wanted if one[0] not in present)]
