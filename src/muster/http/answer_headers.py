"""What plugins have every answer carry: also those that are made where no middleware stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from litestar.types import HTTPScope

from muster.plugin_api.contributions import AnswerHeaders

__all__ = ["Completion", "HeaderLines", "as_they_are", "completed_by", "scope_of_the_unread"]

HeaderLines: TypeAlias = Sequence[tuple[bytes, bytes]]

Completion: TypeAlias = Callable[[HTTPScope, int, HeaderLines], HeaderLines]
"""Takes a request's scope, and status and headers of its answer; returns all of its headers."""


def as_they_are(scope: HTTPScope, status: int, lines: HeaderLines) -> HeaderLines:
    """Return headers to which nobody adds any."""
    return lines


def completed_by(found: Iterable[AnswerHeaders]) -> Completion:
    """Return what completes the headers of an answer.

    Args:
        found: Asked in this order.
    """
    completions = tuple(one.complete for one in found)

    def complete(scope: HTTPScope, status: int, lines: HeaderLines) -> HeaderLines:
        for one in completions:
            lines = one(scope, status, lines)
        return lines

    return complete


def scope_of_the_unread(read: Mapping[str, Any]) -> HTTPScope:
    """Return a whole scope of a request that was read in part, or not at all.

    Args:
        read: What is known of it.
    """
    nothing: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "client": None,
        "scheme": "http",
    }
    # A copy of its state: what is noted for this answer is not noted for the request.
    return cast("HTTPScope", {**nothing, **read, "state": {**read.get("state", {})}})
