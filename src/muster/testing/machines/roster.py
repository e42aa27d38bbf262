"""The trainers of a machine's world, and directories that answer from them."""

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

__all__ = ["Roster", "RosterDirectory"]


class Roster:
    """The trainers whom every directory of a world knows.

    Attributes:
        trainers: By id.
        available: Whether the trainer service can be asked.
        careful: Whether it names only those whom it is asked for; else it names everybody,
            and the rules must tell who may teach.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        self.trainers: dict[UUID, Trainer] = {}
        self.available = True
        self.careful = True

    def named_for(self, question: TrainerQuestion) -> list[Trainer]:
        """Return whom the trainer service names, in order of their ids."""
        in_order = sorted(self.trainers.values(), key=lambda one: one.id.int)
        if not self.careful:
            return in_order
        return [
            one
            for one in in_order
            if one.active
            and one.franchise_id == question.franchise_id
            and question.zone_id in one.zone_ids
            and (question.course_id is None or question.course_id in one.certified_courses)
        ]


class RosterDirectory(TrainerDirectory):
    """Answers from a roster, always live, in an order of its own."""

    def __init__(self, roster: Roster, clock: Clock, turn: int) -> None:
        """Answer from a roster.

        Args:
            roster: Who there is.
            clock: Gives answers their time.
            turn: Which of the orders; candidates come in another one for each turn.
        """
        self._roster = roster
        self._clock = clock
        self._turn = turn

    async def candidates(self, question: TrainerQuestion) -> DirectoryAnswer:
        """Return whom the roster names for a question."""
        if not self._roster.available:
            raise TrainerDirectoryUnavailable("The trainer service cannot be asked.")
        named = self._roster.named_for(question)
        if self._turn % 2:
            named.reverse()
        begin = self._turn // 2 % len(named) if named else 0
        turned = tuple(named[begin:] + named[:begin])
        return DirectoryAnswer(turned, self._clock.now(), DirectorySource.LIVE)
