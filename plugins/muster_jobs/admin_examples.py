"""Examples of what ``/admin/jobs`` answers, as the API pages show them; built from the shapes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from msgspec import Struct
from msgspec.structs import replace

from muster.plugin_api.pages import Listing, PageShape
from muster.ports.jobs import MOST_JOBS_COUNTED, JobState
from muster_jobs.admin_shapes import (
    JobShape,
    LatelyShape,
    Overview,
    Percentiles,
    QueueShape,
    ScheduleList,
    ScheduleShape,
    TypeShape,
)

__all__ = ["shown_as"]

_AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
_ACCOUNT = "019aa4c1-7c00-7000-8000-00000000ac01"
_ISSUE = "jobs/issue-certificates"

_WAITING = JobShape(
    id=UUID("019aa4c1-7c00-7000-8000-00000000aa01"),
    type=_ISSUE,
    queue="default",
    state=JobState.WAITING,
    payload={"bookingId": "019aa4c1-7c00-7000-8000-00000000b001"},
    unique_key="019aa4c1-7c00-7000-8000-00000000b001",
    attempts=0,
    asked_at=_AT,
    run_at=_AT,
    taken_at=None,
    ended_at=None,
    worker=None,
    result=None,
    error=None,
    correlation_id="019aa4c1-7c00-7000-8000-000000000001",
)
_DEAD = replace(
    _WAITING,
    state=JobState.DEAD,
    attempts=4,
    taken_at=_AT + timedelta(minutes=1),
    ended_at=_AT + timedelta(minutes=2),
    worker="api-1:4711",
    error="TimeoutError: ",
)
_CANCELLED = replace(_WAITING, state=JobState.CANCELLED, ended_at=_AT + timedelta(minutes=1))
_QUEUE = QueueShape("default", 12, 3, paused=False, paused_at=None, paused_by=None)
_PAUSED = replace(_QUEUE, paused=True, paused_at=_AT, paused_by=f"account:{_ACCOUNT}")
_TYPE = TypeShape(
    type=_ISSUE,
    queue="default",
    priority="NORMAL",
    waiting=12,
    running=3,
    dead=1,
    lag_seconds=0.4,
    lately=LatelyShape(
        done=840,
        died=1,
        cancelled=0,
        done_per_second=2.8,
        wait_ms=Percentiles(41.0, 220.5),
        work_ms=Percentiles(18.2, 61.7),
    ),
)
_SCHEDULE = ScheduleShape(
    type="jobs/clean-up",
    queue="default",
    schedule="17 * * * *",
    last_asked_at=_AT - timedelta(minutes=13),
    next_at=_AT + timedelta(minutes=47),
)

_EXAMPLES: Mapping[str, Struct] = {
    "getJobsOverview": Overview(_AT, MOST_JOBS_COUNTED, [_QUEUE], [_TYPE], [_DEAD]),
    "listJobs": Listing([_DEAD], PageShape(None, 50)),
    "listJobSchedules": ScheduleList([_SCHEDULE]),
    "getJob": _DEAD,
    "retryJob": _WAITING,
    "cancelJob": _CANCELLED,
    "dropJob": _CANCELLED,
    "pauseJobQueue": _PAUSED,
    "resumeJobQueue": _QUEUE,
}


def shown_as(operation: str, shape: Any) -> dict[int, ResponseSpec]:
    """Return how the API pages describe what an operation answers.

    Args:
        operation: Its id.
        shape: What it answers.
    """
    value: Any = msgspec.to_builtins(_EXAMPLES[operation])
    return {200: ResponseSpec(shape, False, "As asked for.", examples=[Example(value=value)])}
