"""A trainer directory whose trainers a test sets."""

from __future__ import annotations

from uuid import UUID

from muster.domain.receipts import DirectorySource
from muster.domain.trainers import Trainer
from muster.ports.clock import Clock
from muster.ports.trainer_directory import (
    DirectoryAnswer,
    TrainerDirectory,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)

__all__ = ["MemoryTrainerDirectory", "TrainerRoll"]


class TrainerRoll:
    """The trainers that a memory directory knows, in a test's hand.

    Attributes:
        available: Whether the directory can be asked.
        questions: Every question asked, in order.
    """

    def __init__(self) -> None:
        """Start with nobody on the roll."""
        self.available = True
        self.questions: list[TrainerQuestion] = []
        self._trainers: dict[UUID, Trainer] = {}
        self._answers: dict[TrainerQuestion, tuple[Trainer, ...]] = {}

    def put(self, *trainers: Trainer) -> None:
        """Put trainers on the roll, over those of the same ids."""
        self._trainers.update({trainer.id: trainer for trainer in trainers})

    def remove(self, trainer_id: UUID) -> None:
        """Take a trainer off the roll."""
        self._trainers.pop(trainer_id, None)

    def answer(self, question: TrainerQuestion, *trainers: Trainer) -> None:
        """Answer one question with these trainers, right or wrong, whatever the roll says."""
        self._answers[question] = trainers

    def trainers(self, question: TrainerQuestion) -> tuple[Trainer, ...]:
        """Return who answers to a question."""
        if question in self._answers:
            return self._answers[question]
        return tuple(
            trainer
            for trainer in self._trainers.values()
            if trainer.active
            and trainer.franchise_id == question.franchise_id
            and question.zone_id in trainer.zone_ids
            and (question.course_id is None or question.course_id in trainer.certified_courses)
        )


class MemoryTrainerDirectory(TrainerDirectory):
    """Answers from a roll, always live."""

    def __init__(self, roll: TrainerRoll, clock: Clock) -> None:
        """Answer from a roll.

        Args:
            roll: Who there is.
            clock: Gives answers their time.
        """
        self._roll = roll
        self._clock = clock

    async def candidates(self, question: TrainerQuestion) -> DirectoryAnswer:
        """Return the trainers on the roll for a question."""
        self._roll.questions.append(question)
        if not self._roll.available:
            raise TrainerDirectoryUnavailable("The trainer service cannot be asked.")
        return DirectoryAnswer(
            self._roll.trainers(question), self._clock.now(), DirectorySource.LIVE
        )
