"""What an operator sees of the directory: a route with its counters, and a health check."""

from __future__ import annotations

from litestar import get
from litestar.handlers import HTTPRouteHandler

from muster.plugin_api import HealthReport, HealthStatus
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.failures import CallFailed

__all__ = ["health_of", "status_route"]


def status_route(activity: DirectoryActivity) -> HTTPRouteHandler:
    """Return the handler of ``GET /status``."""

    @get(
        "/status",
        operation_id="trainerHttpStatus",
        summary="What the trainer directory has done since this process began",
    )
    async def status() -> DirectoryActivity:
        return activity

    return status


async def health_of(client: TrainerServiceClient) -> HealthReport:
    """Ask the trainer service how it is.

    Without it Muster still books, from snapshots or later: it is down, Muster is not.
    """
    try:
        await client.check_health()
    except CallFailed as failed:
        return HealthReport(HealthStatus.DOWN, f"The trainer service {failed.message}.")
    return HealthReport(HealthStatus.UP)
