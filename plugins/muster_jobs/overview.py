"""The overview of jobs, put together from what the board reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from muster.plugin_api import JobType
from muster.ports.jobs import MOST_JOBS_COUNTED, JobCounts, JobRecord
from muster_jobs.admin_shapes import (
    LatelyShape,
    Overview,
    Percentiles,
    QueueShape,
    ScheduleShape,
    TypeShape,
    job_shape,
)
from muster_jobs.job_board import Lately, Status
from muster_jobs.schedules import next_instant

__all__ = ["overview", "queue_shapes", "schedule_shapes"]

_NOTHING = Lately(0, 0, 0, 0.0, (), ())


def overview(
    types: Mapping[str, JobType[Any]],
    status: Status,
    lately: Mapping[str, Lately],
    failures: Sequence[JobRecord],
) -> Overview:
    """Return the overview.

    Args:
        types: Every kind of job, by name.
        status: What is there now.
        lately: What became of jobs, by type.
        failures: What failed last.
    """
    return Overview(
        at=status.at,
        counted_up_to=MOST_JOBS_COUNTED,
        queues=queue_shapes(types, status),
        types=[
            _type_shape(name, one, status.counts[name], status.at, lately.get(name, _NOTHING))
            for name, one in types.items()
        ],
        last_failures=[
            job_shape(one, types[one.type].queue if one.type in types else None) for one in failures
        ],
    )


def queue_shapes(types: Mapping[str, JobType[Any]], status: Status) -> list[QueueShape]:
    """Return the queues.

    Args:
        types: Every kind of job, by name.
        status: What is there now.
    """
    shown = []
    for queue in sorted({one.queue for one in types.values()}):
        counts = [status.counts[name] for name, one in types.items() if one.queue == queue]
        pause = status.paused.get(queue)
        shown.append(
            QueueShape(
                queue=queue,
                waiting=sum(one.waiting for one in counts),
                running=sum(one.running for one in counts),
                paused=pause is not None,
                paused_at=pause.at if pause else None,
                paused_by=pause.by if pause else None,
            )
        )
    return shown


def schedule_shapes(
    types: Mapping[str, JobType[Any]], ticks: Mapping[str, datetime], now: datetime
) -> list[ScheduleShape]:
    """Return the schedules.

    Args:
        types: Every kind of job, by name.
        ticks: The last instants for which jobs were asked, by type.
        now: UTC instant.
    """
    return [
        ScheduleShape(
            name, one.queue, one.schedule, ticks.get(name), next_instant(one.schedule, now)
        )
        for name, one in types.items()
        if one.schedule is not None
    ]


def _type_shape(
    name: str, one: JobType[Any], counts: JobCounts, now: datetime, lately: Lately
) -> TypeShape:
    since = counts.due_since
    return TypeShape(
        type=name,
        queue=one.queue,
        priority=one.priority.name,
        waiting=counts.waiting,
        running=counts.running,
        dead=counts.dead,
        lag_seconds=0.0 if since is None else max(0.0, (now - since).total_seconds()),
        lately=LatelyShape(
            done=lately.done,
            died=lately.died,
            cancelled=lately.cancelled,
            done_per_second=round(lately.per_second, 3),
            wait_ms=_percentiles(lately.waited),
            work_ms=_percentiles(lately.worked),
        ),
    )


def _percentiles(found: Sequence[float]) -> Percentiles | None:
    return Percentiles(*(round(one, 1) for one in found)) if found else None
