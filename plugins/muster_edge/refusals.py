"""What the edge refuses."""

from __future__ import annotations

from typing import ClassVar

from muster.domain.errors import DomainError

__all__ = ["AddressRefused", "HostUnknown", "RateLimited", "TooSlow"]


class AddressRefused(DomainError):
    """Nobody is answered at this path who asks from this address."""

    code: ClassVar[str] = "FORBIDDEN"


class HostUnknown(DomainError):
    """The request was meant for another host."""

    code: ClassVar[str] = "HOST_UNKNOWN"


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
