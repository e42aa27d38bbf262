"""Whether the server that answers a request is going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # A plugin without routes need not wait until the framework is loaded.
    from litestar.connection import ASGIConnection

__all__ = ["LEAVING_KEY", "is_leaving"]

LEAVING_KEY = "muster_leaving"
"""Where an app's state keeps what tells it."""


def is_leaving(request: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Return whether the server is going, so that an answer without an end is to end now.

    Args:
        request: That a route of the app answers.
    """
    return bool(request.app.state[LEAVING_KEY]())
