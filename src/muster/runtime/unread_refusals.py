"""The bytes of a refusal of what was read in part, or not at all: no app ever sees it."""

from __future__ import annotations

from datetime import datetime

from litestar.types import HTTPScope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from muster.http.answer_headers import Completion
from muster.http.correlation import CORRELATION_HEADER
from muster.http.envelope import render_error
from muster.http.header_rules import Refusal

__all__ = ["written_refusal"]


def written_refusal(
    refusal: Refusal, scope: HTTPScope, correlation_id: str, now: datetime, complete: Completion
) -> bytes:
    """Return an answer in the envelope as it goes over the wire, the last on its connection.

    Args:
        refusal: Why.
        scope: Whole, of what was read of the request.
        correlation_id: Of the request.
        now: UTC instant.
        complete: Completes the headers of every answer.
    """
    accepted = [value for name, value in scope["headers"] if name == b"accept"]
    status, headers, content = render_error(
        refusal.code,
        refusal.message,
        correlation_id=correlation_id,
        now=now,
        accept=b",".join(accepted).decode("latin-1"),
    )
    headers += [(CORRELATION_HEADER, correlation_id.encode()), (b"connection", b"close")]
    completed = complete(scope, status, headers)
    lines = b"".join(b"%s: %s\r\n" % header for header in completed)
    return STATUS_LINE[status] + lines + b"\r\n" + content
