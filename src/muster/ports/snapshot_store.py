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

__all__ = ["SNAPSHOT_STORE", "Snapshot", "SnapshotStore"]


class Snapshot(Struct, frozen=True):
    """An answer of the trainer service and when it was given.

    Attributes:
        trainers: Each trainer once.
        as_of: UTC instant of the answer.
    """

    trainers: tuple[Trainer, ...]
    as_of: datetime


class SnapshotStore(Protocol):
    """Keeps the newest answer to each question, for every server."""

    @abstractmethod
    async def load(self, question: TrainerQuestion) -> Snapshot | None:
        """Return the newest answer kept for exactly this question, however old. A query."""

    @abstractmethod
    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        """Keep an answer, unless a newer one is kept already. A command, idempotent."""


SNAPSHOT_STORE = PortKey("snapshot_store", SnapshotStore)
