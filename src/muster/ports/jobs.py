"""Jobs as they are asked for, taken and kept; ``JobQueue`` is the port."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct

__all__ = [
    "LIVE_STATES",
    "MOST_JOBS_COUNTED",
    "AskedAgain",
    "JobCounts",
    "JobLease",
    "JobOrder",
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


LIVE_STATES = frozenset({JobState.WAITING, JobState.RUNNING})


class LeaseLost(Exception):
    """The job is another worker's by now, or nobody's; what was done for it must not last."""


class AskedAgain(Exception):
    """Somebody has asked for the job while it ran; it is to begin anew."""


class JobOrder(Struct, frozen=True):
    """A job that is asked for.

    Attributes:
        id: UUIDv7.
        type: ``plugin/type``.
        payload: JSON, without secrets; personal data only where nothing else will do, and under
            keys that are redacted wherever it is shown, such as ``address``.
        run_at: UTC instant before which it is not taken.
        correlation_id: Of the request or job that asks.
        unique_key: Of its type there is one live job of this key at most; ``None`` is any number.
        trace_context: Of the work that asks, as a ``traceparent``.
        patient: Whether a job of the same key that runs may go on to its end, and only then be
            run once more; see ``JobQueue.hold``.
    """

    id: UUID
    type: str
    payload: str
    run_at: datetime
    correlation_id: str
    unique_key: str | None = None
    trace_context: str | None = None
    patient: bool = False


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
