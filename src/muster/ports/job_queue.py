"""The port for work in the background: jobs that are asked for, taken, and settled."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from muster.ports.jobs import JobCounts, JobLease, JobOrder, JobRecord, JobState, TakenJob
from muster.ports.keys import PortKey
from muster.ports.unit_of_work import UnitOfWork

__all__ = ["JOB_QUEUE", "JobQueue"]


class JobQueue(Protocol):
    """Jobs, shared by all servers and workers of a database.

    A job is run at least once. Whoever works on it has a lease until an instant and proves it
    in the unit that commits the work (``hold``, ``finish``): so what is committed for a job is
    committed by whoever has it. The instants are the callers', whose clocks agree to some
    seconds.

    Every method may raise ``DatabaseUnavailable`` or ``TransactionConflict``.
    """

    @abstractmethod
    async def enqueue(self, unit: UnitOfWork, orders: Sequence[JobOrder], now: datetime) -> None:
        """Ask for jobs; they are there exactly when the unit commits. A command.

        A job of the same type and unique key that waits does for it, and is not taken before
        the unit ends, so that it sees what this unit has done. One that runs is run once more
        after it, in the name of whoever asked last: it may have looked already.

        Args:
            unit: Of the change that asks; its last step but the fence, since others that ask
                for the same wait for its end.
            orders: What is asked for.
            now: UTC instant.
        """

    @abstractmethod
    async def hold(self, unit: UnitOfWork, lease: JobLease, *, first_only: bool = False) -> None:
        """See that a lease holds, and keep it so until the unit ends. A query that locks.

        Args:
            unit: That works for the job; its last step.
            lease: The right to it.
            first_only: Whether it is also to be as it was when it was taken: nobody has asked
                for it since but the patient. Whatever the unit saw of the others who ask, it
                then saw none of it.

        Raises:
            LeaseLost: It does not hold.
            AskedAgain: It does, but somebody impatient has asked for the job since it was
                taken.
        """

    @abstractmethod
    async def finish(
        self, unit: UnitOfWork, lease: JobLease, now: datetime, result: str | None
    ) -> None:
        """Say that a job is done, with the unit that did it. A command.

        Args:
            unit: Of the work.
            lease: Whose work it was.
            now: UTC instant.
            result: JSON, kept with the job.

        Raises:
            LeaseLost: It is another's.
        """

    @abstractmethod
    async def conclude(self, lease: JobLease, now: datetime, result: str | None) -> None:
        """Say that a job is done whose work is committed. A command.

        Where the store crashes within a second it may not have been said: then the job is run
        again once its lease is over. So with ``postpone``, ``hand_back`` and ``extend``.

        Args:
            lease: Whose work it was.
            now: UTC instant.
            result: JSON, kept with the job.

        Raises:
            LeaseLost: It is another's.
        """

    @abstractmethod
    async def take(
        self, types: Sequence[str], now: datetime, until: datetime, limit: int, worker: str
    ) -> tuple[TakenJob, ...]:
        """Take jobs that are due, and those whose worker let its lease run out. A command.

        Workers that take at once get different jobs, and none waits for another. It lasts once it
        is answered: no number of a lease is given out twice. The attempt counts from here on, so
        that a job that kills its workers runs out of attempts. Where an adapter
        lets queues be paused, their jobs are left alone as if they were not due.

        Args:
            types: Which; earlier ones go first, of each those that are due longest.
            now: UTC instant.
            until: UTC instant up to which they are the worker's.
            limit: The most that is returned.
            worker: Who takes them, for those who look.
        """

    @abstractmethod
    async def extend(self, leases: Collection[JobLease], until: datetime) -> frozenset[JobLease]:
        """Keep jobs for longer; return the leases that are lost. A command, idempotent."""

    @abstractmethod
    async def postpone(self, lease: JobLease, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again. A command.

        Nothing happens where the lease is lost; so with ``bury`` and ``hand_back``.
        """

    @abstractmethod
    async def bury(self, lease: JobLease, now: datetime, error: str) -> None:
        """Say that a job has failed for good. A command."""

    @abstractmethod
    async def hand_back(self, lease: JobLease) -> None:
        """Say that a job was not tried after all; it is due at once. A command."""

    @abstractmethod
    async def tick(self, unit: UnitOfWork, schedule: str, at: datetime) -> bool:
        """Claim an instant of a schedule for this unit. A command.

        Args:
            unit: That enqueues what is due then.
            schedule: Its name.
            at: UTC instant.

        Returns:
            Whether it was not claimed before, nor a later one; others wait for the unit's end.
        """

    @abstractmethod
    async def get(self, job_id: UUID) -> JobRecord | None:
        """Return a job. A query."""

    @abstractmethod
    async def ended(
        self, state: JobState, limit: int, before: datetime | None = None
    ) -> tuple[JobRecord, ...]:
        """Return jobs that are over, the last first. A query.

        Args:
            state: In which way they are over.
            limit: The most that is returned.
            before: UTC instant; only those that ended before.
        """

    @abstractmethod
    async def revive(
        self, unit: UnitOfWork, job_ids: Collection[UUID], now: datetime
    ) -> frozenset[UUID]:
        """Let dead jobs be run again, as if they had never been tried. A command, idempotent.

        Where a live job of the same unique key does for one, that one goes.

        Args:
            unit: Of who says so.
            job_ids: Which; those that are not dead are left alone.
            now: UTC instant from which they are due.

        Returns:
            Those that were dead.
        """

    @abstractmethod
    async def cancel(
        self,
        unit: UnitOfWork,
        job_ids: Collection[UUID],
        now: datetime,
        states: Collection[JobState],
    ) -> Mapping[UUID, JobState]:
        """Let jobs never be run again. A command, idempotent.

        A worker that has one loses its lease.

        Args:
            unit: Of who says so.
            job_ids: Which; those that are in another state are left alone.
            now: UTC instant.
            states: Live ones, or dead.

        Returns:
            How those were that are cancelled now.
        """

    @abstractmethod
    async def counts(self, types: Sequence[str]) -> Mapping[str, JobCounts]:
        """Return how many jobs of each type there are. A query."""

    @abstractmethod
    async def forget(self, over_before: datetime, dead_before: datetime, limit: int) -> int:
        """Delete jobs that are over. A command.

        Args:
            over_before: UTC instant; done and cancelled ones that ended before go.
            dead_before: UTC instant; dead ones that ended before go.
            limit: The most that is deleted of each.

        Returns:
            How many went.
        """


JOB_QUEUE = PortKey("job_queue", JobQueue)
