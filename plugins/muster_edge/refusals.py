"""What the edge refuses."""

from __future__ import annotations

from typing import ClassVar

from muster.domain.errors import DomainError, Fault

__all__ = [
    "AddressRefused",
    "HeadersTooLarge",
    "HostUnknown",
    "PayloadTooLarge",
    "QueryRefused",
    "RateLimited",
    "TooSlow",
    "UriTooLong",
]


class AddressRefused(DomainError):
    """Nobody is answered at this path who asks from this address."""

    code: ClassVar[str] = "FORBIDDEN"


class HostUnknown(DomainError):
    """The request was meant for another host."""

    code: ClassVar[str] = "HOST_UNKNOWN"


class HeadersTooLarge(DomainError):
    """The headers are larger than this path may have."""

    code: ClassVar[str] = "HEADERS_TOO_LARGE"


class UriTooLong(DomainError):
    """Path and query are longer than this path may have."""

    code: ClassVar[str] = "URI_TOO_LONG"


class QueryRefused(DomainError):
    """The query has too many parameters, or one that is too long."""

    code: ClassVar[str] = "VALIDATION_FAILED"

    def __init__(self, message: str) -> None:
        """Say what is too much."""
        super().__init__(message, faults=(Fault("query", "INVALID", message),))


class PayloadTooLarge(DomainError):
    """The body is larger than this path takes."""

    code: ClassVar[str] = "PAYLOAD_TOO_LARGE"


class RateLimited(DomainError):
    """Somebody has asked too often."""

    code: ClassVar[str] = "RATE_LIMITED"
    retryable: ClassVar[bool] = True

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        """Say when to come again."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class TooSlow(DomainError):
    """The answer was not begun in time, and the work was given up."""

    code: ClassVar[str] = "TOO_SLOW"
    retryable: ClassVar[bool] = True
