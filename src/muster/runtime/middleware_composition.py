"""What stands around the app: middleware and headers of one app's plugins, in order."""

from __future__ import annotations

from collections.abc import Sequence

from muster.plugin_api.contributions import AnswerHeaders, HttpMiddleware
from muster.plugin_api.errors import CompositionError
from muster.runtime.plugin_hooks import Contribution

__all__ = ["composed_answer_headers", "composed_middleware"]


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


def composed_answer_headers(found: Sequence[Contribution]) -> tuple[AnswerHeaders, ...]:
    """Return what completes the headers of answers, by the names of the plugins and its own.

    Raises:
        CompositionError: A name is taken.
    """
    named: dict[tuple[str, str], AnswerHeaders] = {}
    for one in found:
        headers: AnswerHeaders = one.value
        key = one.plugin.manifest.name, headers.name
        if key in named:
            raise CompositionError(
                f"{one.plugin.title} offers the answer headers {headers.name!r} twice; rename "
                "one of them."
            )
        named[key] = headers
    return tuple(named[key] for key in sorted(named))
