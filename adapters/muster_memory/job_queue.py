"""Jobs in memory: waiting, leased, settled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

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
from muster.ports.unit_of_work import UnitOfWork
from muster_memory import job_rows
from muster_memory.store import MemoryStore, StoredJob, live_job_key
from muster_memory.transaction import Transaction
from muster_memory.unit_of_work import MemoryUnitOfWork

__all__ = ["MemoryJobQueue"]

_KEY, _ROW, _TICK = "job of a key", "job", "tick"


class MemoryJobQueue(JobQueue):
    """Jobs of one store; a row that a unit has locked is passed over, as in a database.

    It has no pauses: whatever is due is taken.
    """

    def __init__(self, store: MemoryStore) -> None:
        """Keep them in a store."""
        self._store = store

    async def enqueue(self, unit: UnitOfWork, orders: Sequence[JobOrder], now: datetime) -> None:
        """Ask for jobs; they are there exactly when the unit commits."""
        transaction = _transaction(unit)
        for order in sorted(orders, key=lambda one: (one.type, one.unique_key or "", one.id)):
            live = await self._live(transaction, order)
            if live is None:
                transaction.jobs.add(order.id, job_rows.stored(order, now))
            else:
                transaction.jobs.put(live.record.id, job_rows.asked_again(live, order))

    async def hold(self, unit: UnitOfWork, lease: JobLease, *, first_only: bool = False) -> None:
        """See that a lease holds, and keep it so until the unit ends."""
        row = await self._held(_transaction(unit), lease)
        if first_only and row.asked_again_by is not None and not row.asked_patiently:
            raise AskedAgain(f"The job {lease.job_id} was asked for again.")

    async def finish(
        self, unit: UnitOfWork, lease: JobLease, now: datetime, result: str | None
    ) -> None:
        """Say that a job is done, with the unit that did it."""
        row = await self._held(_transaction(unit), lease)
        _transaction(unit).jobs.put(lease.job_id, job_rows.done(row, now, result))

    async def conclude(self, lease: JobLease, now: datetime, result: str | None) -> None:
        """Say that a job is done whose work is committed."""
        async with self._own_unit() as transaction:
            row = await self._held(transaction, lease)
            transaction.jobs.put(lease.job_id, job_rows.done(row, now, result))

    async def take(
        self, types: Sequence[str], now: datetime, until: datetime, limit: int, worker: str
    ) -> tuple[TakenJob, ...]:
        """Take jobs that are due, and those whose worker let its lease run out."""
        due = [*self._lost(types, now), *self._due(types, now)]
        free = [row for row in due if self._is_free(row)]
        rows = [job_rows.taken(row, now, until, worker) for row in free[:limit]]
        self._store.jobs.write({row.record.id: row for row in rows})
        return tuple(job_rows.as_taken(row) for row in rows)

    async def extend(self, leases: Collection[JobLease], until: datetime) -> frozenset[JobLease]:
        """Keep jobs for longer; return the leases that are lost."""
        rows = {lease: self._store.jobs.get(lease.job_id) for lease in leases}
        ours = {
            lease: row
            for lease, row in rows.items()
            if row is not None and job_rows.holds(row, lease)
        }
        for row in ours.values():
            if self._is_free(row):
                self._store.jobs.write({row.record.id: replace(row, leased_until=until)})
        return frozenset(rows.keys() - ours.keys())

    async def postpone(self, lease: JobLease, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        await self._settle(lease, lambda row: job_rows.waiting(job_rows.failed(row, error), until))

    async def bury(self, lease: JobLease, now: datetime, error: str) -> None:
        """Say that a job has failed for good."""
        await self._settle(
            lease, lambda row: job_rows.over(job_rows.failed(row, error), JobState.DEAD, now)
        )

    async def hand_back(self, lease: JobLease) -> None:
        """Say that a job was not tried after all."""
        await self._settle(lease, job_rows.not_tried)

    async def tick(self, unit: UnitOfWork, schedule: str, at: datetime) -> bool:
        """Claim an instant of a schedule for this unit."""
        transaction = _transaction(unit)
        await transaction.lock(_TICK, schedule)
        last = self._store.ticks.get(schedule)
        if last is not None and last >= at:
            return False
        transaction.ticks[schedule] = at
        return True

    async def get(self, job_id: UUID) -> JobRecord | None:
        """Return a job."""
        row = self._store.jobs.get(job_id)
        return None if row is None else row.record

    async def ended(
        self, state: JobState, limit: int, before: datetime | None = None
    ) -> tuple[JobRecord, ...]:
        """Return jobs that are over, the last first."""
        found = [
            (row.record.ended_at, row.record.id, row.record)
            for row in self._store.jobs.where("state", state)
            if row.record.ended_at and (before is None or row.record.ended_at < before)
        ]
        return tuple(record for *_, record in sorted(found, reverse=True)[:limit])

    async def revive(
        self, unit: UnitOfWork, job_ids: Collection[UUID], now: datetime
    ) -> frozenset[UUID]:
        """Let dead jobs be run again, as if they had never been tried."""
        transaction = _transaction(unit)
        dead = await self._locked(transaction, job_ids, [JobState.DEAD])
        for row in dead:
            alive = job_rows.revived(row, now)
            if await self._has_rival(transaction, alive):
                transaction.jobs.remove(row.record.id)
            else:
                transaction.jobs.put(row.record.id, alive)
        return frozenset(row.record.id for row in dead)

    async def cancel(
        self,
        unit: UnitOfWork,
        job_ids: Collection[UUID],
        now: datetime,
        states: Collection[JobState],
    ) -> Mapping[UUID, JobState]:
        """Let jobs never be run again."""
        transaction = _transaction(unit)
        chosen = await self._locked(transaction, job_ids, states)
        for row in chosen:
            cancelled = job_rows.over(replace(row, asked_again_by=None), JobState.CANCELLED, now)
            transaction.jobs.put(row.record.id, cancelled)
        return {row.record.id: row.record.state for row in chosen}

    async def counts(self, types: Sequence[str]) -> Mapping[str, JobCounts]:
        """Return how many jobs of each type there are."""
        return {name: self._counts_of(name) for name in types}

    async def forget(self, over_before: datetime, dead_before: datetime, limit: int) -> int:
        """Delete jobs that are over."""
        over = [
            *await self.ended(JobState.DONE, limit, over_before),
            *await self.ended(JobState.CANCELLED, limit, over_before),
        ][:limit]
        gone = [*over, *await self.ended(JobState.DEAD, limit, dead_before)]
        free = [one for one in gone if self._store.locks.is_free((_ROW, one.id))]
        for record in free:
            self._store.jobs.remove(record.id)
        return len(free)

    async def _live(self, transaction: Transaction, order: JobOrder) -> StoredJob | None:
        """Return the live job that an order asks for once more, locked."""
        if order.unique_key is None:
            await transaction.step()
            return None
        key = (order.type, order.unique_key)
        await transaction.lock(_KEY, key)
        while (live := next(transaction.jobs.where("live", key), None)) is not None:
            await transaction.lock(_ROW, live.record.id)
            # It may have been settled while this waited.
            if transaction.jobs.get(live.record.id) == live:
                break
        return live

    async def _held(self, transaction: Transaction, lease: JobLease) -> StoredJob:
        await transaction.lock(_ROW, lease.job_id)
        row = transaction.jobs.get(lease.job_id)
        if row is None or not job_rows.holds(row, lease):
            raise LeaseLost(f"The job {lease.job_id} is not this worker's any more.")
        return row

    async def _settle(self, lease: JobLease, settle: Callable[[StoredJob], StoredJob]) -> None:
        """Settle a job, unless its lease is lost, once nobody else has its row."""
        async with self._own_unit() as transaction:
            try:
                row = await self._held(transaction, lease)
            except LeaseLost:
                return
            transaction.jobs.put(lease.job_id, settle(row))

    @asynccontextmanager
    async def _own_unit(self) -> AsyncIterator[Transaction]:
        transaction = Transaction(self._store)
        try:
            yield transaction
            await transaction.commit()
        finally:
            transaction.end("undone")

    async def _locked(
        self, transaction: Transaction, job_ids: Collection[UUID], states: Collection[JobState]
    ) -> list[StoredJob]:
        """Return the jobs that are in one of these states once they are locked."""
        locked = []
        for job_id in sorted(job_ids):
            await transaction.lock(_ROW, job_id)
            row = transaction.jobs.get(job_id)
            if row is not None and row.record.state in states:
                locked.append(row)
        return locked

    async def _has_rival(self, transaction: Transaction, row: StoredJob) -> bool:
        key = live_job_key(row)
        if key is None:
            return False
        await transaction.lock(_KEY, key)
        return any(transaction.jobs.where("live", key))

    def _is_free(self, row: StoredJob) -> bool:
        return self._store.locks.is_free((_ROW, row.record.id))

    def _lost(self, types: Sequence[str], now: datetime) -> list[StoredJob]:
        found = [
            (row.leased_until, row.record.id, row)
            for row in self._store.jobs.where("state", JobState.RUNNING)
            if row.record.type in types and row.leased_until and row.leased_until <= now
        ]
        return [row for *_, row in sorted(found, key=lambda one: one[:2])]

    def _due(self, types: Sequence[str], now: datetime) -> Iterator[StoredJob]:
        for name in types:
            waiting = [
                row
                for row in self._store.jobs.where("type", name)
                if row.record.state is JobState.WAITING and row.record.run_at <= now
            ]
            yield from sorted(waiting, key=lambda row: (row.record.run_at, row.record.id))

    def _counts_of(self, name: str) -> JobCounts:
        records = [row.record for row in self._store.jobs.where("type", name)]
        number = {
            state: min(sum(one.state is state for one in records), MOST_JOBS_COUNTED)
            for state in JobState
        }
        return JobCounts(
            number[JobState.WAITING],
            number[JobState.RUNNING],
            number[JobState.DEAD],
            min((one.run_at for one in records if one.state is JobState.WAITING), default=None),
        )


def _transaction(unit: UnitOfWork) -> Transaction:
    assert isinstance(unit, MemoryUnitOfWork), "jobs in memory go with units in memory"
    return unit.transaction
