"""Jobs as those see them who look after them: in JSON, without secrets and personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from muster.plugin_api import REDACTED, redacted, redacted_text
from muster.ports.jobs import JobRecord, JobState

__all__ = [
    "JobId",
    "JobShape",
    "LatelyShape",
    "Limit",
    "Overview",
    "Percentiles",
    "QueueName",
    "QueueShape",
    "ScheduleList",
    "ScheduleShape",
    "TypeShape",
    "Word",
    "job_shape",
]

JobId = Annotated[
    str,
    Meta(
        pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$(?!\n)",
        description="A UUID.",
        examples=["01a1fc6b-94f1-7553-a347-63cb791cc392"],
    ),
]
QueueName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,63}$(?!\n)", examples=["default"])]
Word = Annotated[str, Meta(pattern=r"^[^\x00]+$", max_length=200)]
Limit = Annotated[int, Meta(ge=1, le=200, description="At most this many rows.")]


class JobShape(Struct, frozen=True, rename="camel"):
    """A job; the queue is null where no enabled plugin knows its type.

    The unique key is redacted where anything of the payload is, of which it is made.
    """

    id: UUID
    type: str
    queue: str | None
    state: JobState
    payload: Any
    unique_key: str | None
    attempts: int
    asked_at: datetime
    run_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    worker: str | None
    result: Any
    error: str | None
    correlation_id: str


class Percentiles(Struct, frozen=True):
    """Milliseconds."""

    p50: float
    p95: float


class LatelyShape(Struct, frozen=True, rename="camel"):
    """What became of jobs in the last five minutes."""

    done: int
    died: int
    cancelled: int
    done_per_second: float
    wait_ms: Percentiles | None
    work_ms: Percentiles | None


class TypeShape(Struct, frozen=True, rename="camel"):
    """How many jobs of a type there are, counted as far as ``countedUpTo``."""

    type: str
    queue: str
    priority: str
    waiting: int
    running: int
    dead: int
    lag_seconds: float
    lately: LatelyShape


class QueueShape(Struct, frozen=True, rename="camel"):
    """A queue: how deep it is, and whether it is paused."""

    queue: str
    waiting: int
    running: int
    paused: bool
    paused_at: datetime | None
    paused_by: str | None


class Overview(Struct, frozen=True, rename="camel"):
    """How it goes with jobs."""

    at: datetime
    counted_up_to: int
    queues: list[QueueShape]
    types: list[TypeShape]
    last_failures: list[JobShape]


class ScheduleShape(Struct, frozen=True, rename="camel"):
    """A job that the time of day asks for; five fields of cron, in UTC."""

    type: str
    queue: str
    schedule: str
    last_asked_at: datetime | None
    next_at: datetime


class ScheduleList(Struct, frozen=True):
    """Every schedule."""

    data: list[ScheduleShape]


def job_shape(job: JobRecord, queue: str | None) -> JobShape:
    """Show a job.

    Args:
        job: The job.
        queue: Of its type.
    """
    kept = msgspec.json.decode(job.payload)
    payload = redacted(kept)
    return JobShape(
        id=job.id,
        type=job.type,
        queue=queue,
        state=job.state,
        payload=payload,
        unique_key=job.unique_key and _shown_key(job.unique_key, open_=payload == kept),
        attempts=job.attempts,
        asked_at=job.asked_at,
        run_at=job.run_at,
        taken_at=job.taken_at,
        ended_at=job.ended_at,
        worker=job.worker,
        result=None if job.result is None else redacted(msgspec.json.decode(job.result)),
        error=None if job.error is None else redacted_text(job.error),
        correlation_id=job.correlation_id,
    )


def _shown_key(key: str, *, open_: bool) -> str:
    """Return a key as it may be shown: a hash of what is redacted can be guessed."""
    return redacted_text(key) if open_ else REDACTED
