"""What every dialect of the trainer service can do."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from typing import Protocol

from msgspec import Struct

from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import TrainerQuestion

__all__ = ["Dialect", "ServiceAnswer"]


class ServiceAnswer(Struct, frozen=True):
    """What the trainer service said to a question.

    Attributes:
        trainers: Each valid trainer once.
        left_out: How many trainers did not validate, for each reason.
    """

    trainers: tuple[Trainer, ...]
    left_out: Counter[str]


class Dialect(Protocol):
    """Asks a service in its own words."""

    @abstractmethod
    async def ask(self, question: TrainerQuestion) -> ServiceAnswer:
        """Return the whole answer to a question. A query.

        Raises:
            CallFailed: A call failed, or its answer is not the contract's.
        """
