"""Jobs in memory, as each change leaves them."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from muster.ports.jobs import JobLease, JobOrder, JobRecord, JobState, TakenJob
from muster_memory.store import StoredJob

__all__ = [
    "as_taken",
    "asked_again",
    "done",
    "failed",
    "holds",
    "named_anew",
    "not_tried",
    "over",
    "revived",
    "stored",
    "taken",
    "waiting",
]


def stored(order: JobOrder, now: datetime) -> StoredJob:
    """Return a job that is asked for."""
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


def asked_again(row: StoredJob, order: JobOrder) -> StoredJob:
    """Return a live job that is asked for once more."""
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


def holds(row: StoredJob, lease: JobLease) -> bool:
    """Return whether a lease is the right to a job."""
    return row.record.state is JobState.RUNNING and row.lease == lease.number


def named_anew(row: StoredJob) -> StoredJob:
    """Return a job in the name of whoever asked while it ran, for what comes next."""
    if row.asked_again_by is None:
        return row
    record = replace(row.record, correlation_id=row.asked_again_by)
    return replace(row, record=record, asked_again_by=None)


def waiting(row: StoredJob, run_at: datetime) -> StoredJob:
    """Return a job that is to be run again."""
    row = named_anew(row)
    record = replace(row.record, state=JobState.WAITING, run_at=run_at)
    return replace(row, record=record, leased_until=None)


def over(row: StoredJob, state: JobState, now: datetime) -> StoredJob:
    """Return a job that is over; where somebody asked for it meanwhile, it waits, as new."""
    if row.asked_again_by is not None:
        record = replace(row.record, attempts=0)
        return waiting(replace(row, record=record), now)
    record = replace(row.record, state=state, ended_at=now)
    return replace(row, record=record, leased_until=None)


def done(row: StoredJob, now: datetime, result: str | None) -> StoredJob:
    """Return a job that is done."""
    record = replace(row.record, result=result, error=None)
    return over(replace(row, record=record), JobState.DONE, now)


def failed(row: StoredJob, error: str) -> StoredJob:
    """Return a job with the error of its last attempt."""
    return replace(row, record=replace(row.record, error=error))


def not_tried(row: StoredJob) -> StoredJob:
    """Return a job that was not tried after all."""
    record = replace(row.record, attempts=row.record.attempts - 1)
    return waiting(replace(row, record=record), record.run_at)


def taken(row: StoredJob, now: datetime, until: datetime, worker: str) -> StoredJob:
    """Return a job that a worker has."""
    row = named_anew(row)
    record = replace(
        row.record,
        state=JobState.RUNNING,
        attempts=row.record.attempts + 1,
        taken_at=now,
        worker=worker,
    )
    return replace(row, record=record, lease=row.lease + 1, leased_until=until)


def revived(row: StoredJob, now: datetime) -> StoredJob:
    """Return a dead job that is to be run again, as if it had never been tried."""
    record = replace(
        row.record,
        state=JobState.WAITING,
        attempts=0,
        run_at=now,
        ended_at=None,
        error=None,
    )
    return replace(row, record=record)


def as_taken(row: StoredJob) -> TakenJob:
    """Return a job as its worker gets it."""
    record = row.record
    return TakenJob(
        JobLease(record.id, row.lease),
        record.type,
        record.payload,
        record.attempts,
        record.correlation_id,
        row.trace_context,
    )
