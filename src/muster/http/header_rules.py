"""What the headers of a request must be before anything else is asked of it.

Servers are lenient here: some take two ``Host`` headers, some a megabyte of them.
"""

from __future__ import annotations

from typing import NamedTuple

from litestar.types import HTTPScope

from muster.plugin_api.declared_lengths import declares_more

__all__ = [
    "MOST_HEADER_BYTES",
    "TOO_LARGE_BODY",
    "TOO_LARGE_HEADERS",
    "TOO_LATE",
    "UNREADABLE",
    "Refusal",
    "broken_header_rule",
]

MOST_HEADER_BYTES = 64_000
"""The most that path, query and headers may measure together, in bytes."""

_SEPARATORS = len(": \r\n")


class Refusal(NamedTuple):
    """Why a request is refused: a code of the catalogue, and one sentence."""

    code: str
    message: str


UNREADABLE = Refusal("MALFORMED_REQUEST", "This is no HTTP request that can be read.")
TOO_LARGE_HEADERS = Refusal("HEADERS_TOO_LARGE", "Path and headers are larger than 64 kB.")
TOO_LATE = Refusal("REQUEST_TIMEOUT", "The request did not come in whole in time.")
TOO_LARGE_BODY = Refusal("PAYLOAD_TOO_LARGE", "The body is too large.")

_HOST = Refusal("MALFORMED_REQUEST", "A request names exactly one Host.")
_TWO_LENGTHS = Refusal(
    "MALFORMED_REQUEST", "A body has a Content-Length or a Transfer-Encoding, not both."
)


def broken_header_rule(scope: HTTPScope, most_body_bytes: int) -> Refusal | None:
    """Return why a request is refused by its headers alone; ``None`` if it is not.

    The rules on ``Host`` and on the two lengths are those of RFC 9112, sections 3.2 and 6.3.

    Args:
        scope: Of the request.
        most_body_bytes: Largest body.
    """
    headers = list(scope["headers"])
    names = [name for name, _ in headers]
    size = len(scope["raw_path"]) + len(scope["query_string"]) + _SEPARATORS * len(names)
    for name, value in headers:
        size += len(name) + len(value)
    if size > MOST_HEADER_BYTES:
        return TOO_LARGE_HEADERS
    hosts = names.count(b"host")
    if hosts > 1 or (not hosts and scope["http_version"] == "1.1"):
        return _HOST
    if b"content-length" not in names:
        return None
    if b"transfer-encoding" in names:
        return _TWO_LENGTHS
    length = headers[names.index(b"content-length")][1]
    return TOO_LARGE_BODY if declares_more(length, most_body_bytes) else None
