"""Jobs in memory: waiting, leased, settled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
from muster_memory.store import MemoryStore, StoredJob, live_job_key
from muster_memory.transaction import Transaction
from muster_memory.unit_of_work import MemoryUnitOfWork

__all__ = ["MemoryJobQueue"]

_KEY, _ROW, _TICK = "job of a key", "job", "tick"


class MemoryJobQueue(JobQueue):
    """Jobs of one store; a row that a unit has locked is passed over, as in a database."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep them in a store."""
        self._store = store

    async def enqueue(self, unit: UnitOfWork, orders: Sequence[JobOrder], now: datetime) -> None:
        """Ask for jobs; they are there exactly when the unit commits."""
        transaction = _transaction(unit)
        for order in sorted(orders, key=lambda one: (one.type, one.unique_key or "", one.id)):
            live = await self._live(transaction, order)
            if live is None:
                transaction.jobs.add(order.id, _stored(order, now))
            else:
                transaction.jobs.put(live.record.id, _asked_again(live, order))

    async def hold(self, unit: UnitOfWork, lease: JobLease, *, first_only: bool = False) -> None:
        """See that a lease holds, and keep it so until the unit ends."""
        row = await self._held(unit, lease)
        if first_only and row.asked_again_by is not None and not row.asked_patiently:
            raise AskedAgain(f"The job {lease.job_id} was asked for again.")

    async def finish(
        self, unit: UnitOfWork, lease: JobLease, now: datetime, result: str | None
    ) -> None:
        """Say that a job is done, with the unit that did it."""
        row = await self._held(unit, lease)
        done = replace(row, record=replace(row.record, result=result, error=None))
        _transaction(unit).jobs.put(lease.job_id, _over(done, JobState.DONE, now))

    async def take(
        self, types: Sequence[str], now: datetime, until: datetime, limit: int, worker: str
    ) -> tuple[TakenJob, ...]:
        """Take jobs that are due, and those whose worker let its lease run out."""
        due = [*self._lost(types, now), *self._due(types, now)]
        free = [row for row in due if self._store.locks.is_free((_ROW, row.record.id))]
        return tuple(self._taken(row, now, until, worker) for row in free[:limit])

    async def extend(self, leases: Collection[JobLease], until: datetime) -> frozenset[JobLease]:
        """Keep jobs for longer; return the leases that are lost."""
        rows = {lease: self._of(lease) for lease in leases}
        for row in rows.values():
            if row is not None:
                self._put(replace(row, leased_until=until))
        return frozenset(lease for lease, row in rows.items() if row is None)

    async def postpone(self, lease: JobLease, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        if (row := self._of(lease)) is not None:
            self._put(_waiting(replace(row, record=replace(row.record, error=error)), until))

    async def bury(self, lease: JobLease, now: datetime, error: str) -> None:
        """Say that a job has failed for good."""
        if (row := self._of(lease)) is not None:
            failed = replace(row, record=replace(row.record, error=error))
            self._put(_over(failed, JobState.DEAD, now))

    async def hand_back(self, lease: JobLease) -> None:
        """Say that a job was not tried after all."""
        if (row := self._of(lease)) is not None:
            record = replace(row.record, attempts=row.record.attempts - 1)
            self._put(_waiting(replace(row, record=record), record.run_at))

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

    async def revive(self, job_ids: Collection[UUID], now: datetime) -> frozenset[UUID]:
        """Let dead jobs be run again, as if they had never been tried."""
        dead = self._in_state(job_ids, {JobState.DEAD})
        for row in dead:
            record = replace(
                row.record,
                state=JobState.WAITING,
                attempts=0,
                run_at=now,
                ended_at=None,
                error=None,
            )
            alive = replace(row, record=record)
            key = live_job_key(alive)
            if key is not None and any(self._store.jobs.where("live", key)):
                self._store.jobs.remove(record.id)
            else:
                self._put(alive)
        return frozenset(row.record.id for row in dead)

    async def cancel(self, job_ids: Collection[UUID], now: datetime) -> frozenset[UUID]:
        """Let jobs that wait, run or are dead never be run again."""
        chosen = self._in_state(job_ids, {JobState.WAITING, JobState.RUNNING, JobState.DEAD})
        for row in chosen:
            self._put(_over(replace(row, asked_again_by=None), JobState.CANCELLED, now))
        return frozenset(row.record.id for row in chosen)

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
        for record in gone:
            self._store.jobs.remove(record.id)
        return len(gone)

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

    async def _held(self, unit: UnitOfWork, lease: JobLease) -> StoredJob:
        transaction = _transaction(unit)
        await transaction.lock(_ROW, lease.job_id)
        row = transaction.jobs.get(lease.job_id)
        if row is None or not _holds(row, lease):
            raise LeaseLost(f"The job {lease.job_id} is not this worker's any more.")
        return row

    def _of(self, lease: JobLease) -> StoredJob | None:
        row = self._store.jobs.get(lease.job_id)
        return row if row is not None and _holds(row, lease) else None

    def _put(self, row: StoredJob) -> None:
        self._store.jobs.write({row.record.id: row})

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

    def _taken(self, row: StoredJob, now: datetime, until: datetime, worker: str) -> TakenJob:
        row = _named_anew(row)
        record = replace(
            row.record,
            state=JobState.RUNNING,
            attempts=row.record.attempts + 1,
            taken_at=now,
            worker=worker,
        )
        taken = replace(row, record=record, lease=row.lease + 1, leased_until=until)
        self._put(taken)
        return TakenJob(
            JobLease(record.id, taken.lease),
            record.type,
            record.payload,
            record.attempts,
            record.correlation_id,
            taken.trace_context,
        )

    def _in_state(self, job_ids: Collection[UUID], states: set[JobState]) -> list[StoredJob]:
        rows = (self._store.jobs.get(job_id) for job_id in job_ids)
        return [row for row in rows if row is not None and row.record.state in states]

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


def _stored(order: JobOrder, now: datetime) -> StoredJob:
    record = JobRecord(
        id=order.id,
        type=order.type,
        state=JobState.WAITING,
        payload=order.payload,
        unique_key=order.unique_key,
        attempts=0,
        asked_at=now,
        run_at=order.run_at,
        taken_at=None,
        ended_at=None,
        worker=None,
        result=None,
        error=None,
        correlation_id=order.correlation_id,
    )
    return StoredJob(record, trace_context=order.trace_context)


def _asked_again(row: StoredJob, order: JobOrder) -> StoredJob:
    record = row.record
    if record.state is JobState.RUNNING:
        first = row.asked_again_by is None
        return replace(
            row,
            asked_again_by=order.correlation_id,
            asked_patiently=order.patient and (first or row.asked_patiently),
            trace_context=order.trace_context,
        )
    # One that has failed keeps its pause.
    run_at = record.run_at if record.attempts else min(record.run_at, order.run_at)
    return replace(row, record=replace(record, run_at=run_at))


def _holds(row: StoredJob, lease: JobLease) -> bool:
    return row.record.state is JobState.RUNNING and row.lease == lease.number


def _named_anew(row: StoredJob) -> StoredJob:
    """What comes next is done in the name of whoever asked while it ran."""
    if row.asked_again_by is None:
        return row
    record = replace(row.record, correlation_id=row.asked_again_by)
    return replace(row, record=record, asked_again_by=None)


def _waiting(row: StoredJob, run_at: datetime) -> StoredJob:
    row = _named_anew(row)
    record = replace(row.record, state=JobState.WAITING, run_at=run_at)
    return replace(row, record=record, leased_until=None)


def _over(row: StoredJob, state: JobState, now: datetime) -> StoredJob:
    """End a job, unless somebody asked for it meanwhile: then it waits, as new."""
    if row.asked_again_by is not None:
        record = replace(row.record, attempts=0)
        return _waiting(replace(row, record=record), now)
    record = replace(row.record, state=state, ended_at=now)
    return replace(row, record=record, leased_until=None)
