"""The port that remembers the trainer service's answers."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from muster.domain.trainers import Trainer
from muster.ports.keys import PortKey
from muster.ports.trainer_directory import TrainerQuestion

__all__ = ["SNAPSHOT_STORE", "AgingSnapshot", "Snapshot", "SnapshotStore"]


class Snapshot(Struct, frozen=True):
    """An answer of the trainer service, when it was given, and when anybody wanted it.

    Attributes:
        trainers: Each trainer once.
        as_of: UTC instant of the answer.
        asked_at: UTC instant at which the question is known to have been asked for somebody; it
            may have been asked later, by as much as whoever marks it is coarse.
    """

    trainers: tuple[Trainer, ...]
    as_of: datetime
    asked_at: datetime


class AgingSnapshot(Struct, frozen=True):
    """A question whose newest answer gets old, without the answer.

    Attributes:
        question: Which one.
        asked_at: As in ``Snapshot``.
    """

    question: TrainerQuestion
    asked_at: datetime


class SnapshotStore(Protocol):
    """Keeps the newest answer to each question, for every server."""

    @abstractmethod
    async def load(self, question: TrainerQuestion) -> Snapshot | None:
        """Return the newest answer kept for exactly this question, however old. A query."""

    @abstractmethod
    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        """Keep an answer, unless a newer one is kept already. A command, idempotent.

        What is kept was last asked when either of the two was.
        """

    @abstractmethod
    async def mark_asked(self, question: TrainerQuestion, at: datetime) -> None:
        """Note that a question was asked for somebody. A command, idempotent.

        Nothing happens where no answer is kept, or it is known to have been asked later.

        Args:
            question: Which one.
            at: UTC instant.
        """

    @abstractmethod
    async def mark_tried(self, question: TrainerQuestion, at: datetime) -> None:
        """Note that a question was asked anew in vain. A command, idempotent.

        Nothing happens where no answer is kept, or it is known to have been tried later.

        Args:
            question: Which one.
            at: UTC instant.
        """

    @abstractmethod
    async def aging(
        self, asked_since: datetime, answered_before: datetime, limit: int
    ) -> tuple[AgingSnapshot, ...]:
        """Return questions that are still asked and whose answer gets old. A query.

        Args:
            asked_since: UTC instant; what was asked last before it is left out.
            answered_before: UTC instant; answers of then and later are left out.
            limit: The most that is returned.

        Returns:
            The oldest answer first; what was tried in vain since then takes its turn as if it
            had been answered when it was tried.
        """


SNAPSHOT_STORE = PortKey("snapshot_store", SnapshotStore)
