"""What accounts refuse."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from muster.domain.errors import DomainError, Fault, IllegalState
from muster.plugin_api import Unauthenticated

__all__ = [
    "AccountRefused",
    "AccountUnknown",
    "ApiKeyRefused",
    "ApiKeyUnknown",
    "IdentifierTaken",
    "LastAdministrator",
    "PasswordRefused",
    "RefreshTokenReused",
    "SessionUnknown",
    "SignatureInvalid",
    "TokenRefused",
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


class IdentifierTaken(DomainError):
    """Another account has the identifier."""

    code: ClassVar[str] = "IDENTIFIER_TAKEN"


class AccountUnknown(DomainError):
    """There is no such account."""

    code: ClassVar[str] = "NOT_FOUND"


class LastAdministrator(IllegalState):
    """Without this account nobody could administer accounts."""


class TokenRefused(DomainError):
    """A token that was mailed opens nothing, or nothing any more."""

    code: ClassVar[str] = "VALIDATION_FAILED"

    def __init__(self) -> None:
        """Say no more than that."""
        fault = Fault("token", "TOKEN_REFUSED", "It is wrong, too old, or was used before.")
        super().__init__("The token is not valid.", faults=(fault,))


class RefreshTokenReused(Unauthenticated):
    """A refresh token came again that is no longer due; its family has ended.

    Attributes:
        session_id: The family.
    """

    def __init__(self, session_id: UUID) -> None:
        """Answer as for any other token that is not valid."""
        super().__init__("The refresh token is not valid.")
        self.session_id = session_id


class SessionUnknown(DomainError):
    """There is no such live session of the one who asks."""

    code: ClassVar[str] = "NOT_FOUND"


class ApiKeyRefused(DomainError):
    """An API key cannot be as it is asked for; the fault says why."""

    code: ClassVar[str] = "VALIDATION_FAILED"

    def __init__(self, path: str, message: str) -> None:
        """Name the field."""
        fault = Fault(path, "INVALID", message)
        super().__init__(f"The API key cannot be so: {message}", faults=(fault,))


class ApiKeyUnknown(DomainError):
    """There is no such key that the one who asks could change."""

    code: ClassVar[str] = "NOT_FOUND"


class SignatureInvalid(Unauthenticated):
    """A service signed its request, and the signature does not hold."""

    code: ClassVar[str] = "SIGNATURE_INVALID"
