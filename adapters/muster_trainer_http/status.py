"""What an operator sees of the directory: a route with its counters, and a health check."""

from __future__ import annotations

from collections.abc import Callable

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from muster.plugin_api import HealthReport, HealthStatus
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.breaker import BreakerState
from muster_trainer_http.client import TrainerServiceClient
from muster_trainer_http.failures import CallFailed

__all__ = ["health_of", "status_route"]


def status_route(
    activity: DirectoryActivity, breaker_state: Callable[[], BreakerState]
) -> HTTPRouteHandler:
    """Return the handler of ``GET /status``."""

    @get(
        "/status",
        operation_id="trainerHttpStatus",
        summary="What the trainer directory has done since this process began",
    )
    async def status() -> DirectoryActivity:
        return replace(activity, breaker=breaker_state())

    return status


async def health_of(client: TrainerServiceClient, breaker: BreakerState) -> HealthReport:
    """Ask the trainer service how it is.

    Without it Muster still books, from snapshots or later: it is down, Muster is not. A
    service that says it is well and yet is left alone is down for whoever has a question.
    """
    details = {"breaker": breaker.value}
    try:
        await client.check_health()
    except CallFailed as failed:
        return HealthReport(HealthStatus.DOWN, f"The trainer service {failed.message}.", details)
    if breaker is BreakerState.OPEN:
        message = "The trainer service kept failing and is left alone for a moment."
        return HealthReport(HealthStatus.DOWN, message, details)
    if breaker is BreakerState.HALF_OPEN:
        message = "The trainer service kept failing; the next question tries it."
        return HealthReport(HealthStatus.DEGRADED, message, details)
    return HealthReport(HealthStatus.UP, None, details)
