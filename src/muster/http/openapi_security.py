"""Which operations want to know who asks, as the API's description says it."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from muster.http.identification import PUBLIC, known_caller

__all__ = ["SECURITY_SCHEMES", "closed_operations"]

SECURITY_SCHEMES: dict[str, Any] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token or whatever else an enabled plugin authenticates by. "
        "Where none does, everybody on the server's own machine may ask.",
    }
}


def closed_operations(app: Litestar) -> frozenset[str]:
    """Return the ids of the operations that refuse whoever is not known."""
    return frozenset(
        str(handler.operation_id)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if _is_closed(handler)
    )


def _is_closed(handler: HTTPRouteHandler) -> bool:
    return known_caller in handler.resolve_guards() and not handler.opt.get(PUBLIC)
