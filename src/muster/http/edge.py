"""What every controller needs: asking the dispatcher in the name of whoever asks."""

from __future__ import annotations

from typing import Any, TypeVar

from litestar import Request
from msgspec import Struct

from muster.application.dispatcher import Dispatcher
from muster.application.impacts import Impact, impact_of
from muster.application.use_case import Request as UseCaseRequest
from muster.http.identification import Identification
from muster.plugin_api.callers import caller_of
from muster.plugin_api.cursors import Cursors

__all__ = ["Edge", "HttpRequest", "ask", "edge_of", "impact_on_bookings"]

R = TypeVar("R")

HttpRequest = Request[Any, Any, Any]


class Edge(Struct, frozen=True):
    """What the edge stands on.

    Attributes:
        dispatcher: Runs use cases.
        cursors: Signs places in lists.
        identification: Finds out who asks.
    """

    dispatcher: Dispatcher
    cursors: Cursors
    identification: Identification


def edge_of(request: HttpRequest) -> Edge:
    """Return the app's edge."""
    edge: Edge = request.app.state.edge
    return edge


async def ask(request: HttpRequest, wanted: UseCaseRequest[R]) -> R:
    """Run a command or query for whoever sent a request.

    Args:
        request: The HTTP request.
        wanted: The command or query.

    Raises:
        DomainError: It was refused.
    """
    return await edge_of(request).dispatcher.dispatch(wanted, caller_of(request))


async def impact_on_bookings(request: HttpRequest, command: UseCaseRequest[Any]) -> Impact:
    """Tell what a command would do to bookings, for whoever might send it.

    Args:
        request: The HTTP request.
        command: The command; nothing of it is stored.

    Raises:
        DomainError: It would be refused.
    """
    rehearsal = await edge_of(request).dispatcher.rehearse(command, caller_of(request))
    return impact_of(rehearsal.changes)
