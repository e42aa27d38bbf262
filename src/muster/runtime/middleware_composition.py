"""What stands around the app: the middleware of one app's plugins, in order."""

from __future__ import annotations

from collections.abc import Sequence

from muster.plugin_api.contributions import HttpMiddleware
from muster.plugin_api.errors import CompositionError
from muster.runtime.plugin_hooks import Contribution

__all__ = ["composed_middleware"]


def composed_middleware(found: Sequence[Contribution]) -> tuple[HttpMiddleware, ...]:
    """Return the middleware by slot and name, the outermost first.

    Raises:
        CompositionError: A name is taken.
    """
    placed: dict[tuple[int, str], Contribution] = {}
    for one in found:
        middleware: HttpMiddleware = one.value
        place = middleware.slot, middleware.name
        if place in placed:
            raise CompositionError(
                f"{one.plugin.title} offers the middleware {middleware.name!r} in the slot "
                f"{middleware.slot.name}, which {placed[place].plugin.title} offers already; "
                "disable or rename one of them."
            )
        placed[place] = one
    return tuple(placed[place].value for place in sorted(placed))
