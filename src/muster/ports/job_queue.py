"""The port for work in the background: jobs that are asked for, taken, and settled."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from muster.ports.keys import PortKey
from muster.ports.unit_of_work import UnitOfWork

__all__ = [
    "JOB_QUEUE",
    "MOST_JOBS_COUNTED",
    "JobCounts",
    "JobLease",
    "JobOrder",
    "JobQueue",
    "JobRecord",
    "JobState",
    "LeaseLost",
    "TakenJob",
]

MOST_JOBS_COUNTED = 10_000
"""How far jobs of one type and state are counted."""


class JobState(Enum):
    """What has become of a job. One that waits or runs is live; the others are over."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class LeaseLost(Exception):
    """The job is another worker's by now, or nobody's; what was done for it must not last."""


class JobOrder(Struct, frozen=True):
    """A job that is asked for.

    Attributes:
        id: UUIDv7.
        type: ``plugin/type``.
        payload: JSON, without secrets and personal data.
        run_at: UTC instant before which it is not taken.
        correlation_id: Of the request or job that asks.
        unique_key: Of its type there is one live job of this key at most; ``None`` is any number.
        trace_context: Of the work that asks, as a ``traceparent``.
    """

    id: UUID
    type: str
    payload: str
    run_at: datetime
    correlation_id: str
    unique_key: str | None = None
    trace_context: str | None = None


class JobLease(Struct, frozen=True):
    """The right to work on a job, until another one is given out for it.

    Attributes:
        job_id: The job.
        number: Grows each time that the job is taken, and never goes back.
    """

    job_id: UUID
    number: int


class TakenJob(Struct, frozen=True):
    """A job that a worker has.

    Attributes:
        lease: Its right to it.
        type: ``plugin/type``.
        payload: JSON.
        attempt: Which attempt this is, from 1.
        correlation_id: Of whoever asked.
        trace_context: Of whoever asked.
    """

    lease: JobLease
    type: str
    payload: str
    attempt: int
    correlation_id: str
    trace_context: str | None = None


class JobRecord(Struct, frozen=True):
    """A job as it is kept.

    Attributes:
        id: The job.
        type: ``plugin/type``.
        state: What has become of it.
        payload: JSON.
        unique_key: See ``JobOrder``.
        attempts: How often it was tried.
        asked_at: UTC instant.
        run_at: UTC instant before which it is not taken.
        taken_at: UTC instant of the last attempt.
        ended_at: UTC instant at which it was over.
        worker: Who took it last.
        result: JSON; of one that is done.
        error: Why the last attempt failed.
        correlation_id: Of whoever asked.
    """

    id: UUID
    type: str
    state: JobState
    payload: str
    unique_key: str | None
    attempts: int
    asked_at: datetime
    run_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    worker: str | None
    result: str | None
    error: str | None
    correlation_id: str


class JobCounts(Struct, frozen=True):
    """How many jobs of a type there are; each counted as far as ``MOST_JOBS_COUNTED``.

    Attributes:
        waiting: To be run, now or later.
        running: Taken by a worker.
        dead: Failed for good.
        due_since: UTC instant since which the oldest of those that wait could be run.
    """

    waiting: int
    running: int
    dead: int
    due_since: datetime | None


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
        after it: it may have looked already.

        Args:
            unit: Of the change that asks; its last step but the fence, since others that ask
                for the same wait for its end.
            orders: What is asked for.
            now: UTC instant.
        """

    @abstractmethod
    async def hold(self, unit: UnitOfWork, lease: JobLease) -> None:
        """See that a lease holds, and keep it so until the unit ends. A query that locks.

        Raises:
            LeaseLost: It does not.
        """

    @abstractmethod
    async def finish(
        self, unit: UnitOfWork, lease: JobLease, now: datetime, result: str | None
    ) -> None:
        """Say that a job is done, with the unit that did it. A command.

        Args:
            unit: Of the work, or one of its own.
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

        Workers that take at once get different jobs, and none waits for another. The attempt
        counts from here on, so that a job that kills its workers runs out of attempts.

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
    async def revive(self, job_ids: Collection[UUID], now: datetime) -> frozenset[UUID]:
        """Let dead jobs be run again, as if they had never been tried. A command, idempotent.

        Where a live job of the same unique key does for one, that one goes.

        Returns:
            Those that were dead.
        """

    @abstractmethod
    async def cancel(self, job_ids: Collection[UUID], now: datetime) -> frozenset[UUID]:
        """Let jobs that wait, run or are dead never be run again. A command, idempotent.

        A worker that has one loses its lease.

        Returns:
            Those that were so.
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
