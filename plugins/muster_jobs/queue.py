"""Jobs in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from muster.ports.job_queue import JobQueue
from muster.ports.jobs import (
    MOST_JOBS_COUNTED,
    AskedAgain,
    JobCounts,
    JobLease,
    JobOrder,
    JobRecord,
    JobState,
    LeaseLost,
    TakenJob,
)
from muster.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from muster_jobs import statements

__all__ = ["PostgresJobQueue", "record_of"]


class PostgresJobQueue(JobQueue):
    """A row for each job, on the connections of units of work."""

    def __init__(self, units: UnitOfWorkFactory, queue_of: Callable[[str], str | None]) -> None:
        """Keep jobs.

        Args:
            units: Are worked in, where no unit is given.
            queue_of: Returns the queue of a type, if it has one; nothing is taken from one that
                is paused.
        """
        self._units = units
        self._queue_of = queue_of

    async def enqueue(self, unit: UnitOfWork, orders: Sequence[JobOrder], now: datetime) -> None:
        """Ask for jobs; they are there exactly when the unit commits."""
        asked = list(_once_for_each_key(orders))
        await unit.connection.execute(
            statements.ENQUEUE,
            [order.id for order in asked],
            [order.type for order in asked],
            [order.payload for order in asked],
            [order.unique_key for order in asked],
            [order.run_at for order in asked],
            [order.correlation_id for order in asked],
            [order.trace_context for order in asked],
            now,
            [order.patient for order in asked],
        )

    async def hold(self, unit: UnitOfWork, lease: JobLease, *, first_only: bool = False) -> None:
        """See that a lease holds, and keep it so until the unit ends."""
        row = await unit.connection.fetchrow(statements.HOLD, lease.job_id, lease.number)
        if row is None:
            raise _lost(lease)
        if first_only and row["begins_anew"]:
            raise AskedAgain(f"The job {lease.job_id} was asked for again.")

    async def finish(
        self, unit: UnitOfWork, lease: JobLease, now: datetime, result: str | None
    ) -> None:
        """Say that a job is done, with the unit that did it."""
        done = JobState.DONE.value
        row = await unit.connection.fetchrow(
            statements.FINISH, lease.job_id, lease.number, now, done, result
        )
        if row is None:
            raise _lost(lease)

    async def conclude(self, lease: JobLease, now: datetime, result: str | None) -> None:
        """Say that a job is done whose work is committed."""
        done = JobState.DONE.value
        if not await self._in_one_unit(
            statements.CONCLUDE, lease.job_id, lease.number, now, done, result
        ):
            raise _lost(lease)

    async def take(
        self, types: Sequence[str], now: datetime, until: datetime, limit: int, worker: str
    ) -> tuple[TakenJob, ...]:
        """Take jobs that are due, and those whose worker let its lease run out."""
        queues = [self._queue_of(one) for one in types]
        rows = await self._in_one_unit(
            statements.TAKE, list(types), now, until, limit, worker, queues
        )
        return tuple(
            TakenJob(
                JobLease(row["id"], row["lease"]),
                row["type"],
                row["payload"],
                row["attempts"],
                row["correlation_id"],
                row["trace_context"],
            )
            for row in rows
        )

    async def extend(self, leases: Collection[JobLease], until: datetime) -> frozenset[JobLease]:
        """Keep jobs for longer; return the leases that are lost."""
        mine = list(leases)
        rows = await self._in_one_unit(
            statements.EXTEND, [one.job_id for one in mine], [one.number for one in mine], until
        )
        return frozenset(JobLease(row["id"], row["lease"]) for row in rows)

    async def postpone(self, lease: JobLease, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        await self._in_one_unit(statements.POSTPONE, lease.job_id, lease.number, until, error)

    async def bury(self, lease: JobLease, now: datetime, error: str) -> None:
        """Say that a job has failed for good."""
        dead = JobState.DEAD.value
        await self._in_one_unit(statements.BURY, lease.job_id, lease.number, now, dead, error)

    async def hand_back(self, lease: JobLease) -> None:
        """Say that a job was not tried after all."""
        await self._in_one_unit(statements.HAND_BACK, lease.job_id, lease.number)

    async def tick(self, unit: UnitOfWork, schedule: str, at: datetime) -> bool:
        """Claim an instant of a schedule for this unit."""
        return await unit.connection.fetchrow(statements.TICK, schedule, at) is not None

    async def get(self, job_id: UUID) -> JobRecord | None:
        """Return a job."""
        rows = await self._in_one_unit(statements.GET, job_id)
        return record_of(rows[0]) if rows else None

    async def ended(
        self, state: JobState, limit: int, before: datetime | None = None
    ) -> tuple[JobRecord, ...]:
        """Return jobs that are over, the last first."""
        rows = await self._in_one_unit(statements.ENDED, state.value, limit, before)
        return tuple(record_of(row) for row in rows)

    async def revive(
        self, unit: UnitOfWork, job_ids: Collection[UUID], now: datetime
    ) -> frozenset[UUID]:
        """Let dead jobs be run again, as if they had never been tried."""
        rows = await unit.connection.fetch(statements.REVIVE, list(job_ids), now)
        return frozenset(row["id"] for row in rows)

    async def cancel(
        self,
        unit: UnitOfWork,
        job_ids: Collection[UUID],
        now: datetime,
        states: Collection[JobState],
    ) -> Mapping[UUID, JobState]:
        """Let jobs never be run again."""
        chosen = [one.value for one in states]
        rows = await unit.connection.fetch(statements.CANCEL, list(job_ids), now, chosen)
        return {row["id"]: JobState(row["before"]) for row in rows}

    async def counts(self, types: Sequence[str]) -> Mapping[str, JobCounts]:
        """Return how many jobs of each type there are, in one statement."""
        rows = await self._in_one_unit(statements.COUNTS, list(types), MOST_JOBS_COUNTED)
        return {
            row["type"]: JobCounts(row["waiting"], row["running"], row["dead"], row["since"])
            for row in rows
        }

    async def forget(self, over_before: datetime, dead_before: datetime, limit: int) -> int:
        """Delete jobs that are over."""
        return len(await self._in_one_unit(statements.FORGET, over_before, dead_before, limit))

    async def _in_one_unit(self, statement: str, *arguments: Any) -> Sequence[Any]:
        async with self._units() as unit:
            rows = await unit.connection.fetch(statement, *arguments)
            await unit.commit()
        return rows


def _once_for_each_key(orders: Sequence[JobOrder]) -> Collection[JobOrder]:
    """One statement cannot meet the same job twice; one order of a key is enough."""
    chosen: dict[Any, JobOrder] = {}
    for order in sorted(orders, key=lambda one: one.patient):
        key = order.id if order.unique_key is None else (order.type, order.unique_key)
        chosen.setdefault(key, order)
    return chosen.values()


def _lost(lease: JobLease) -> LeaseLost:
    return LeaseLost(f"The job {lease.job_id} is not this worker's any more.")


def record_of(row: Any) -> JobRecord:
    """Return a row of jobs as a record."""
    return JobRecord(
        id=row["id"],
        type=row["type"],
        state=JobState(row["state"]),
        payload=row["payload"],
        unique_key=row["unique_key"],
        attempts=row["attempts"],
        asked_at=row["asked_at"],
        run_at=row["run_at"],
        taken_at=row["taken_at"],
        ended_at=row["ended_at"],
        worker=row["worker"],
        result=row["result"],
        error=row["last_error"],
        correlation_id=row["correlation_id"],
    )
