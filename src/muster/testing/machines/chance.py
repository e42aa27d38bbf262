"""Chance that depends on the command alone, however often and beside whatever it runs."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from random import Random

from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

__all__ = ["CommandChance", "RewindingUnits"]


class _Course:
    """The draws of one course of commands."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.command = 0
        self.rewind()

    def rewind(self) -> None:
        self.random = Random(f"{self.seed}/{self.command}")  # noqa: S311 - replayable on purpose


class CommandChance(Entropy):
    """Gives each attempt at a command the same bits; for tests alone.

    Each task draws for itself. So a command makes the same identifiers in every store, when
    it is retried, when it was rehearsed before, and when others run at the same time.
    """

    def __init__(self) -> None:
        """Begin with no course."""
        self._course: ContextVar[_Course] = ContextVar("course of draws")

    def begin(self, seed: str) -> None:
        """Begin a course of commands in this task."""
        self._course.set(_Course(seed))

    def bits(self, count: int) -> int:
        """Return ``count`` random bits as an integer from 0 to 2**count - 1."""
        return self._course.get().random.getrandbits(count)

    def rewind(self) -> None:
        """Draw again what the present command drew."""
        self._course.get().rewind()

    def next_command(self) -> None:
        """Draw for another command of the course from now on."""
        course = self._course.get()
        course.command += 1
        course.rewind()


class RewindingUnits(UnitOfWorkFactory):
    """Opens units of work, each of which draws what the one before it drew."""

    def __init__(self, units: UnitOfWorkFactory, chance: CommandChance) -> None:
        """Open those of another factory."""
        self._units = units
        self._chance = chance

    def __call__(self, scope: Scope = EVERYTHING) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one."""
        self._chance.rewind()
        return self._units()
