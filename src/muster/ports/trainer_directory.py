"""The port to the trainer service: who could teach here?"""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import DomainError
from muster.domain.receipts import DirectorySource
from muster.domain.trainers import Trainer
from muster.ports.keys import PortKey

__all__ = [
    "TRAINER_DIRECTORY",
    "DirectoryAnswer",
    "TrainerDirectory",
    "TrainerDirectoryUnavailable",
    "TrainerQuestion",
]


class TrainerQuestion(Struct, frozen=True):
    """Which trainers are asked about; equal questions share a snapshot.

    Attributes:
        franchise_id: Whose trainers; ``None`` asks for the company's.
        zone_id: Who teach in this zone.
        course_id: Who are certified for this course; ``None`` asks for all of the zone.
    """

    franchise_id: UUID | None
    zone_id: UUID
    course_id: UUID | None


class DirectoryAnswer(Struct, frozen=True):
    """Who answers to a question.

    Attributes:
        trainers: Each trainer once, in any order. Empty only when the service said so.
        as_of: UTC instant at which the trainer service gave this answer.
        source: Whether it was asked just now or remembered.
    """

    trainers: tuple[Trainer, ...]
    as_of: datetime
    source: DirectorySource


class TrainerDirectoryUnavailable(DomainError):
    """The trainer service cannot be asked and no snapshot is fresh enough.

    It says nothing about trainers: unknown is neither "free" nor "no trainer".
    """

    code: ClassVar[str] = "DEPENDENCY_UNAVAILABLE"
    retryable: ClassVar[bool] = True


class TrainerDirectory(Protocol):
    """Who could teach a course in a zone, as the trainer service says."""

    @abstractmethod
    async def candidates(self, question: TrainerQuestion) -> DirectoryAnswer:
        """Return the trainers that the service names for a question.

        A query, idempotent, bounded in time by the adapter's settings. The answer may be
        as old as the settings of the snapshots allow; ``as_of`` says how old.

        Raises:
            TrainerDirectoryUnavailable: The service cannot be asked, or answers nonsense.
        """


TRAINER_DIRECTORY = PortKey("trainer_directory", TrainerDirectory, wrappable=True)
