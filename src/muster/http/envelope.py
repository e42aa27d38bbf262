"""The error envelope: one shape for every 4xx and 5xx."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from muster.domain.errors import Fault
from muster.http.catalogue import CATALOGUE

__all__ = [
    "RETRY_AFTER_SECONDS",
    "ErrorBody",
    "ErrorDetail",
    "ErrorEnvelope",
    "Problem",
    "render_error",
]

RETRY_AFTER_SECONDS = 1
"""What ``Retry-After`` says with a 429 or a 503, in seconds."""

_JSON = b"application/json"
_PROBLEM = b"application/problem+json"


class ErrorDetail(Struct, frozen=True):
    """One reason among several: where, which rule, and a sentence."""

    path: str
    code: str
    message: str


class ErrorBody(Struct, frozen=True, rename="camel"):
    """What went wrong.

    Attributes:
        code: Stable; see the catalogue.
        message: One sentence for a person.
        details: The single reasons, where there are several.
        correlation_id: Also in the header ``X-Correlation-ID`` and in the logs.
        timestamp: UTC instant.
        retryable: Whether the same request may succeed later.
    """

    code: str
    message: str
    correlation_id: str
    timestamp: datetime
    retryable: bool
    details: list[ErrorDetail] | UnsetType = UNSET


class Problem(ErrorBody, frozen=True, kw_only=True):
    """The same as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str


class ErrorEnvelope(Struct, frozen=True):
    """The body of every error."""

    error: ErrorBody


def render_error(
    code: str,
    message: str,
    *,
    correlation_id: str,
    now: datetime,
    accept: str = "",
    retryable: bool = False,
    faults: Sequence[Fault] = (),
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of an error.

    Args:
        code: From the catalogue.
        message: One sentence for a person.
        correlation_id: Of the request.
        now: UTC instant.
        accept: The request's ``Accept``; RFC 9457 is answered when it prefers that.
        retryable: Whether the same request may succeed later.
        faults: The single reasons.
    """
    kind = CATALOGUE[code]
    body = ErrorBody(
        code=code,
        message=message,
        correlation_id=correlation_id,
        timestamp=now,
        retryable=retryable,
        details=[ErrorDetail(one.path, one.code, one.message) for one in faults] or UNSET,
    )
    problem = _prefers_problem(accept)
    shown: Any = _problem(body, kind.status, kind.meaning) if problem else ErrorEnvelope(body)
    content = msgspec.json.encode(shown)
    headers = [
        (b"content-type", _PROBLEM if problem else _JSON),
        (b"content-length", str(len(content)).encode()),
    ]
    if kind.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if kind.status in (429, 503):
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    return kind.status, headers, content


def _problem(body: ErrorBody, status: int, title: str) -> Problem:
    return Problem(
        type=f"urn:muster:error:{body.code}",
        title=title,
        status=status,
        detail=body.message,
        **msgspec.structs.asdict(body),
    )


def _prefers_problem(accept: str) -> bool:
    weights = dict(_weights(accept))
    problem = weights.get(_PROBLEM.decode(), 0.0)
    return problem > 0 and problem >= weights.get(_JSON.decode(), 0.0)


def _weights(accept: str) -> list[tuple[str, float]]:
    weighed = []
    for part in accept.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            weighed.append((media, float(quality)))
        except ValueError:
            weighed.append((media, 0.0))
    return weighed
