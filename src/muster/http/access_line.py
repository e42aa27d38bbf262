"""The access line: what is logged of every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import structlog
from msgspec import Struct

__all__ = ["ACCESS_EVENT", "ACCESS_LOGGER", "AccessLine", "AccessLog", "logged"]

ACCESS_LOGGER = "muster.access"
ACCESS_EVENT = "request"

_log = structlog.get_logger(ACCESS_LOGGER)


class AccessLine(Struct, frozen=True):
    """What is logged of a request; nothing that its query, headers or body said.

    Attributes:
        method: As it was sent.
        path: As ``logged_path`` tells it.
        route: The template of the route; ``None`` where none was found.
        status: What was answered; 0 where nothing was.
        milliseconds: Until the answer was handed to the server.
    """

    method: str
    path: str
    route: str | None
    status: int
    milliseconds: float


AccessLog: TypeAlias = Callable[[AccessLine], None]
"""Writes an access line, with what structlog's context holds; raises nothing."""


def logged(line: AccessLine) -> None:
    """Write an access line the way every other log line goes."""
    _log.info(
        ACCESS_EVENT,
        method=line.method,
        path=line.path,
        route=line.route,
        status=line.status,
        milliseconds=line.milliseconds,
    )
