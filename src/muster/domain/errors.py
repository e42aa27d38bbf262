"""What a broken rule raises: a specific type with a code from the catalogue."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

__all__ = ["DomainError", "Fault", "IllegalState"]


class Fault(Struct, frozen=True):
    """One reason among several, tied to the place it concerns.

    Attributes:
        path: Where the fault lies, in the client's own names (``students[1].id``).
        code: The rule's stable code.
        message: One sentence for a person.
    """

    path: str
    code: str
    message: str


class DomainError(Exception):
    """The root of every refusal that the core can answer.

    Attributes:
        code: The stable code that clients see; it stands in ``docs/errors.md``.
        retryable: Whether the same request may succeed later without a change.
        faults: The single reasons, where there are several.
        retry_after_seconds: When the same request may succeed; ``None`` where nobody knows.
    """

    code: ClassVar[str]
    retryable: ClassVar[bool] = False
    retry_after_seconds: int | None = None

    def __init__(self, message: str, *, faults: tuple[Fault, ...] = ()) -> None:
        """Say what was refused.

        Args:
            message: One sentence for a person, free of secrets and SQL.
            faults: The single reasons, where there are several.
        """
        super().__init__(message)
        self.message = message
        self.faults = faults


class IllegalState(DomainError):
    """The state that a thing is in does not allow the command."""

    code: ClassVar[str] = "ILLEGAL_STATE"
