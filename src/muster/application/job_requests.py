"""The dispatcher's seam for work in the background: what asks for jobs, and who may commit."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from muster.ports.journal import RecordedEvent
from muster.ports.unit_of_work import UnitOfWork

__all__ = ["NO_JOBS", "Fence", "JobRequests"]


class Fence(Protocol):
    """Something that a unit must prove before it commits."""

    @abstractmethod
    async def hold(self, unit: UnitOfWork) -> None:
        """See that the unit may commit, and keep it so until it ends.

        Raises:
            LeaseLost: It may not.
        """


class JobRequests(Protocol):
    """What is to be done in the background because something has happened."""

    @abstractmethod
    async def ask(self, unit: UnitOfWork, recorded: Sequence[RecordedEvent]) -> None:
        """Ask, within the unit in which it has happened, for every job that follows."""


class _NoJobs(JobRequests):
    async def ask(self, unit: UnitOfWork, recorded: Sequence[RecordedEvent]) -> None:
        return None


NO_JOBS: JobRequests = _NoJobs()
"""Nothing follows."""
