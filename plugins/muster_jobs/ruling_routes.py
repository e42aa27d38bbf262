"""The routes that decide about jobs and queues; each may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from muster.domain.errors import IllegalState
from muster.plugin_api import caller_of
from muster.ports.jobs import LIVE_STATES, JobRecord, JobState
from muster_jobs.admin_errors import QueueUnknown
from muster_jobs.admin_examples import shown_as
from muster_jobs.admin_shapes import JobId, JobShape, QueueName, QueueShape
from muster_jobs.desk import Desk
from muster_jobs.job_board import JobBoard
from muster_jobs.overview import queue_shapes
from muster_jobs.reading_routes import HttpRequest, job_of, shown

__all__ = ["ruling_routes"]

_CANCELLED = frozenset({JobState.CANCELLED})


def ruling_routes(desk: Callable[[], Desk]) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        desk: Returns the desk of the running app.
    """
    return [*_of_jobs(desk), *_of_queues(desk)]


def _of_jobs(desk: Callable[[], Desk]) -> list[HTTPRouteHandler]:
    @post(
        "/{job_id:str}/retry",
        status_code=200,
        operation_id="retryJob",
        responses=shown_as("retryJob", JobShape),
    )
    async def retry(request: HttpRequest, job_id: FromPath[JobId]) -> JobShape:
        """Run a dead job again as if never tried, or a failed one without its pause.

        Where a live job of the same unique key does for it, that one is answered.
        """
        board, before = await _known(desk, job_id)
        done = await desk().rulings.retry(caller_of(request), [before.id])
        return shown(board, await _after(board, before, bool(done), LIVE_STATES))

    @post(
        "/{job_id:str}/cancel",
        status_code=200,
        operation_id="cancelJob",
        responses=shown_as("cancelJob", JobShape),
    )
    async def cancel(request: HttpRequest, job_id: FromPath[JobId]) -> JobShape:
        """Never run a job that waits or runs; a worker that runs it is stopped in seconds."""
        board, before = await _known(desk, job_id)
        done = await desk().rulings.cancel(caller_of(request), [before.id])
        return shown(board, await _after(board, before, bool(done), _CANCELLED))

    @post(
        "/{job_id:str}/drop",
        status_code=200,
        operation_id="dropJob",
        responses=shown_as("dropJob", JobShape),
    )
    async def drop(request: HttpRequest, job_id: FromPath[JobId]) -> JobShape:
        """Never run a dead job again."""
        board, before = await _known(desk, job_id)
        done = await desk().rulings.drop(caller_of(request), [before.id])
        return shown(board, await _after(board, before, bool(done), _CANCELLED))

    return [retry, cancel, drop]


def _of_queues(desk: Callable[[], Desk]) -> list[HTTPRouteHandler]:
    @post(
        "/queues/{queue:str}/pause",
        status_code=200,
        operation_id="pauseJobQueue",
        responses=shown_as("pauseJobQueue", QueueShape),
    )
    async def pause(request: HttpRequest, queue: FromPath[QueueName]) -> QueueShape:
        """Let no worker take from a queue; what runs goes on."""
        board = _having(desk, queue)
        await desk().rulings.pause(caller_of(request), queue)
        return await _queue(board, queue)

    @post(
        "/queues/{queue:str}/resume",
        status_code=200,
        operation_id="resumeJobQueue",
        responses=shown_as("resumeJobQueue", QueueShape),
    )
    async def resume(request: HttpRequest, queue: FromPath[QueueName]) -> QueueShape:
        """Let workers take from a queue."""
        board = _having(desk, queue)
        await desk().rulings.resume(caller_of(request), queue)
        return await _queue(board, queue)

    return [pause, resume]


async def _known(desk: Callable[[], Desk], job_id: str) -> tuple[JobBoard, JobRecord]:
    board = desk().board
    return board, await job_of(board, UUID(job_id))


async def _after(
    board: JobBoard, before: JobRecord, done: bool, wanted: frozenset[JobState]
) -> JobRecord:
    """Return the job as it is now, or the one that does for it.

    Raises:
        IllegalState: Nothing was done, and it is not so already.
    """
    after = await board.job(before.id) or await board.standing_in(before) or before
    if not done and after.state not in wanted:
        raise IllegalState(f"The job is {after.state.value}, which does not allow this.")
    return after


def _having(desk: Callable[[], Desk], queue: str) -> JobBoard:
    board = desk().board
    if queue not in board.queues:
        raise QueueUnknown(f"No job is in this queue; there are {', '.join(board.queues)}.")
    return board


async def _queue(board: JobBoard, queue: str) -> QueueShape:
    shapes = queue_shapes(board.types, await board.status())
    return next(one for one in shapes if one.queue == queue)
