"""The routes that show jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter

from muster.plugin_api import Listing, Sorting, is_leaving, page_request, paged
from muster.ports.jobs import JobRecord, JobState
from muster_jobs.admin_errors import JobUnknown
from muster_jobs.admin_examples import shown_as
from muster_jobs.admin_shapes import (
    JobId,
    JobShape,
    Limit,
    Overview,
    QueueName,
    ScheduleList,
    Word,
    job_shape,
)
from muster_jobs.desk import Desk
from muster_jobs.event_stream import EventStream, StreamTimes
from muster_jobs.job_board import JobBoard
from muster_jobs.job_filter import JobFilter, JobSort
from muster_jobs.overview import overview, schedule_shapes

__all__ = ["HttpRequest", "job_of", "reading_routes", "shown"]

JobOrder = Literal["askedAt", "-askedAt"]

_SORTING = Sorting(JobSort, {JobSort.ASKED_AT: datetime})

HttpRequest: TypeAlias = Request[Any, Any, Any]


def reading_routes(desk: Callable[[], Desk], times: StreamTimes) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        desk: Returns the desk of the running app.
        times: Of the stream of live status.
    """

    @get("/", operation_id="getJobsOverview", responses=shown_as("getJobsOverview", Overview))
    async def overview_of_jobs() -> Overview:
        """How it goes: counts, depth, rates, latencies, pauses and what failed last."""
        board = desk().board
        return overview(
            board.types, await board.status(), await board.lately(), await board.failures()
        )

    @get("/list", operation_id="listJobs", responses=shown_as("listJobs", Listing[JobShape]))
    async def list_jobs(
        request: HttpRequest,
        in_state: Annotated[JobState | None, QueryParameter(name="state")] = None,
        of_type: Annotated[Word | None, QueryParameter(name="type")] = None,
        queue: FromQuery[QueueName | None] = None,
        correlation_id: Annotated[Word | None, QueryParameter(name="correlationId")] = None,
        sort: FromQuery[JobOrder] = "-askedAt",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[JobShape]:
        """List jobs, page by page, the newest first unless asked otherwise."""
        board = desk().board
        wanted = JobFilter(
            state=in_state,
            types=_types(board, of_type, queue),
            correlation_id=correlation_id,
        )
        found = await board.page(wanted, page_request(request, _SORTING, sort, cursor, limit))
        return paged(request, found, sort, limit, lambda one: shown(board, one))

    @get(
        "/schedules",
        operation_id="listJobSchedules",
        responses=shown_as("listJobSchedules", ScheduleList),
    )
    async def schedules() -> ScheduleList:
        """List the jobs that the time of day asks for, and when it does."""
        board = desk().board
        return ScheduleList(schedule_shapes(board.types, await board.ticks(), board.now()))

    @get("/{job_id:str}", operation_id="getJob", responses=shown_as("getJob", JobShape))
    async def one_job(job_id: FromPath[JobId]) -> JobShape:
        """Show a job."""
        board = desk().board
        return shown(board, await job_of(board, UUID(job_id)))

    @get(
        "/stream",
        operation_id="watchJobs",
        media_type="text/event-stream",
        responses={
            200: ResponseSpec(
                str,
                description="Server-sent events.",
                media_type="text/event-stream",
                generate_examples=False,
            )
        },
    )
    async def stream(request: HttpRequest) -> EventStream:
        """Tell how it is and whenever that changes, as server-sent events.

        Each event `status` holds the counts by type and the queues as a whole, so whoever comes
        back needs nothing of what was missed. It ends after a quarter of an hour at the latest.
        """
        return EventStream(desk().live.watched, lambda: is_leaving(request), times)

    return [overview_of_jobs, list_jobs, schedules, stream, one_job]


def shown(board: JobBoard, job: JobRecord) -> JobShape:
    """Show a job with the queue of its type."""
    return job_shape(job, board.queue_of(job.type))


async def job_of(board: JobBoard, job_id: UUID) -> JobRecord:
    """Return a job.

    Raises:
        JobUnknown: There is none.
    """
    found = await board.job(job_id)
    if found is None:
        raise JobUnknown("There is no such job.")
    return found


def _types(board: JobBoard, type_: str | None, queue: str | None) -> frozenset[str] | None:
    if queue is None:
        return None if type_ is None else frozenset({type_})
    of_queue = frozenset(name for name, one in board.types.items() if one.queue == queue)
    return of_queue if type_ is None else of_queue & {type_}
