"""What accounts refuse."""

from __future__ import annotations

from typing import ClassVar

from muster.domain.errors import DomainError, Fault

__all__ = [
    "AccountRefused",
    "IdentifierTaken",
    "PasswordRefused",
    "SessionUnknown",
    "TooManyLogins",
]


class TooManyLogins(DomainError):
    """More passwords are being evaluated than this process takes on."""

    code: ClassVar[str] = "RATE_LIMITED"
    retryable: ClassVar[bool] = True

    def __init__(self) -> None:
        """Say so."""
        super().__init__("Too many logins at once; try again.")


class PasswordRefused(DomainError):
    """A new password breaks rules; the faults say which."""

    code: ClassVar[str] = "VALIDATION_FAILED"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Name the rules."""
        super().__init__("The password cannot be used.", faults=faults)


class AccountRefused(DomainError):
    """An account cannot be as it is asked for."""

    code: ClassVar[str] = "VALIDATION_FAILED"


class IdentifierTaken(AccountRefused):
    """Another account has the identifier."""


class SessionUnknown(DomainError):
    """There is no such live session of the one who asks."""

    code: ClassVar[str] = "NOT_FOUND"
