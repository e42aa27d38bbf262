"""The routes under ``/admin/jobs``, and the one place that says who reaches them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from muster.plugin_api import (
    EVERYTHING,
    Forbidden,
    HttpRoutes,
    Permission,
    authorize,
    caller_of,
)
from muster_jobs.desk import Desk
from muster_jobs.event_stream import StreamTimes
from muster_jobs.reading_routes import reading_routes
from muster_jobs.ruling_routes import ruling_routes

__all__ = ["admin_routes"]

_PATH = "/admin/jobs"


def admin_routes(desk: Callable[[], Desk], times: StreamTimes) -> HttpRoutes:
    """Return the routes.

    Args:
        desk: Returns the desk of the running app.
        times: Of the stream of live status.
    """
    reading = _router(reading_routes(desk, times), Permission.JOBS_READ)
    ruling = _router(ruling_routes(desk), Permission.JOBS_MANAGE)
    return HttpRoutes([reading, ruling], granted_path=_PATH, strict_parameters=True)


def _router(handlers: list[Any], permission: Permission) -> Router:
    return Router("/", route_handlers=handlers, guards=[_needs(permission)], tags=["Jobs"])


def _needs(permission: Permission) -> Guard:
    async def holds(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        principal = authorize(caller_of(connection).principal, permission)
        if principal.scope != EVERYTHING:
            raise Forbidden("Jobs are the whole company's; no bounds hold among them.")

    return holds
