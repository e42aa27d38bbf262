"""What a use case refuses beyond the rules of the domain and the errors of the ports."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from muster.domain.errors import DomainError, Fault

__all__ = [
    "InvalidRequest",
    "NoTrainerFree",
    "NotFound",
    "SlotTaken",
    "TrainerNotEligible",
]


class NotFound(DomainError):
    """There is no such thing, or not for this caller."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self, kind: str, id_: UUID | str) -> None:
        """Name what is missing.

        Args:
            kind: ``booking``, ``zone``, ``franchise``.
            id_: The id, or the number, asked for.
        """
        super().__init__(f"There is no {kind} {id_}.")


class InvalidRequest(DomainError):
    """A field's value names something that does not exist or makes no sense."""

    code: ClassVar[str] = "VALIDATION_FAILED"

    def __init__(self, *faults: Fault) -> None:
        """Carry every invalid field."""
        super().__init__("The request has invalid fields.", faults=faults)


class SlotTaken(DomainError):
    """The trainer's time is claimed by somebody else; nothing was changed."""

    code: ClassVar[str] = "SLOT_TAKEN"


class TrainerNotEligible(DomainError):
    """The trainer may not take these sessions; each rule that says so is named."""

    code: ClassVar[str] = "TRAINER_NOT_ELIGIBLE"


class NoTrainerFree(DomainError):
    """Nobody passes for all of these sessions; nothing was changed."""

    code: ClassVar[str] = "NO_TRAINER_FREE"
