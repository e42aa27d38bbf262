"""What is logged of a path: nothing that could be about a person, or would open a door.

A path is what a client sent. It may hold a certificate's number, with which anybody may ask for
the certificate, a student's id, or an e-mail address where an id was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["logged_path", "words_of_paths"]

_OURS = frozenset({"{booking_id}", "{franchise_id}", "{session_id}", "{zone_id}"})
"""Ids that Muster draws, of things. Those of people are not told, nor what plugins ask for."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNTOLD = "{}"
_MOST_SEGMENTS = 12


def words_of_paths(templates: Iterable[str]) -> frozenset[str]:
    """Return the fixed segments of the templates of all routes."""
    parts = (part for template in templates for part in template.split("/"))
    return frozenset(part for part in parts if "{" not in part)


def logged_path(path: str, route: str | None, words: frozenset[str]) -> str:
    """Return what is logged of a path.

    Where a route was found, that is its template, with the ids of bookings, franchises, sessions
    and zones filled in. Where none was, it is the words that the routes have too.

    Args:
        path: As it was sent, without the query.
        route: The template of its route.
        words: Of ``words_of_paths``.
    """
    if route is None:
        sent = path.split("/", _MOST_SEGMENTS)
        return "/".join(part if part in words else _UNTOLD for part in sent)
    # Most requests, and the quickest of them, have no parameter.
    if "{" not in route:
        return route
    parts = zip(path.split("/"), route.split("/"), strict=False)
    return "/".join(
        sent if part in _OURS and _UUID.fullmatch(sent) else part for sent, part in parts
    )
