"""Answering a refusal where there is no Litestar: in the outer wrapper and in its slots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from litestar.types import HTTPScope, Send

from muster.domain.errors import Fault
from muster.http.correlation import correlation_id_of
from muster.http.envelope import render_error
from muster.http.failure_notes import note_failure

__all__ = ["answer_refusal"]


async def answer_refusal(
    scope: HTTPScope,
    send: Send,
    now: datetime,
    code: str,
    message: str,
    *,
    retryable: bool = False,
    faults: Sequence[Fault] = (),
    retry_after_seconds: int | None = None,
) -> None:
    """Send an error in the envelope, and note it for whoever looks on.

    Args:
        scope: Of the request; its correlation id was chosen.
        send: Nothing was sent through it yet.
        now: UTC instant.
        code: From the catalogue.
        message: One sentence for a person.
        retryable: Whether the same request may succeed later.
        faults: The single reasons.
        retry_after_seconds: When it may; ``None`` where nobody knows.
    """
    note_failure(scope, code, faults)
    accepted = [value for name, value in scope["headers"] if name == b"accept"]
    status, headers, content = render_error(
        code,
        message,
        correlation_id=correlation_id_of(scope),
        now=now,
        accept=b",".join(accepted).decode("latin-1"),
        retryable=retryable,
        faults=faults,
        retry_after_seconds=retry_after_seconds,
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": False})
