"""From exceptions to answers: the one place where an error becomes HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from muster.domain.errors import DomainError, Fault
from muster.http.catalogue import CATALOGUE
from muster.http.correlation import correlation_id_of
from muster.http.envelope import render_error
from muster.http.failure_notes import note_failure

__all__ = ["RequestInvalid", "exception_handlers"]

_log = structlog.get_logger(__name__)
_BY_STATUS = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
_CLIENT_LEFT = "client disconnected prematurely"
"""By these words alone Litestar tells it from a fault of the server's own."""

Handler = Callable[[Request[Any, Any, Any], Any], Response[bytes]]


class RequestInvalid(DomainError):
    """The request cannot be read, before any use case was asked.

    Attributes:
        code: ``VALIDATION_FAILED``, ``MALFORMED_BODY`` or ``UNSUPPORTED_MEDIA_TYPE``.
    """

    code = "VALIDATION_FAILED"

    def __init__(
        self, code: str, message: str, faults: tuple[Fault, ...] | list[Fault] = ()
    ) -> None:
        """Say what is wrong with it."""
        super().__init__(message, faults=tuple(faults))
        self.code = code  # type: ignore[misc]


def exception_handlers(now: Callable[[], datetime]) -> dict[int | type[Exception], Handler]:
    """Return the handlers for everything that can be raised.

    Args:
        now: Returns the present UTC instant.
    """

    def refused(request: Request[Any, Any, Any], error: DomainError) -> Response[bytes]:
        if CATALOGUE[error.code].status >= 500:
            _log.warning("request_failed", code=error.code, reason=error.message)
        return _answer(
            request,
            error.code,
            error.message,
            now(),
            error.retryable,
            error.faults,
            error.retry_after_seconds,
        )

    def framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        if error.status_code >= 500 and error.detail != _CLIENT_LEFT:
            return unexpected(request, error)
        code, message = _translated(error)
        answer = _answer(request, code, message, now())
        if allow := (error.headers or {}).get("allow"):
            answer.headers["Allow"] = allow
        return answer

    def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        _log.error("unexpected_error", exc_info=error)
        return _answer(request, "INTERNAL", "Something went wrong on our side.", now())

    return {DomainError: refused, HTTPException: framework, Exception: unexpected}


def _answer(
    request: Request[Any, Any, Any],
    code: str,
    message: str,
    now: datetime,
    retryable: bool = False,
    faults: Sequence[Fault] = (),
    retry_after_seconds: int | None = None,
) -> Response[bytes]:
    note_failure(request.scope, code, faults)
    status, headers, content = render_error(
        code,
        message,
        correlation_id=correlation_id_of(request.scope),
        now=now,
        accept=request.headers.get("accept", ""),
        retryable=retryable,
        faults=faults,
        retry_after_seconds=retry_after_seconds,
    )
    plain = {name.decode(): value.decode() for name, value in headers}
    media_type = plain.pop("content-type")
    plain.pop("content-length")
    return Response(content, status_code=status, headers=plain, media_type=media_type)


def _translated(error: HTTPException) -> tuple[str, str]:
    if isinstance(error, NotFoundException):
        return "NOT_FOUND", "There is nothing at this path."
    if isinstance(error, MethodNotAllowedException):
        return "METHOD_NOT_ALLOWED", "This route does not know this method."
    if isinstance(error, ValidationException) and _lacks_body(error):
        return "MALFORMED_BODY", "This route needs a JSON body."
    if isinstance(error, ValidationException):
        return "VALIDATION_FAILED", "The request has invalid parameters."
    if error.detail == _CLIENT_LEFT:
        # For the access line alone: there is nobody to hear it.
        return "MALFORMED_BODY", "The client left before its body was whole."
    if error.status_code in _BY_STATUS:
        return _BY_STATUS[error.status_code], "The request was refused."
    return "MALFORMED_BODY", "The request cannot be read."


def _lacks_body(error: ValidationException) -> bool:
    parts = error.extra if isinstance(error.extra, list) else []
    return any(isinstance(part, dict) and part.get("key") == "data" for part in parts)
