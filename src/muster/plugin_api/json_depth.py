"""How deep the JSON of a request may be nested; a plugin may bind a request to less."""

from __future__ import annotations

from typing import cast

from litestar.types import Scope

__all__ = ["MOST_JSON_DEPTH", "bind_json_depth", "json_depth_of"]

MOST_JSON_DEPTH = 64
"""Levels that any request may have; those of the API have four."""

_KEY = "muster_json_depth"


def bind_json_depth(scope: Scope, most: int) -> None:
    """Bind a request to so many levels of arrays and objects; never to more than all may have."""
    scope.setdefault("state", {})[_KEY] = min(most, MOST_JSON_DEPTH)


def json_depth_of(scope: Scope) -> int:
    """Return how many levels a request's body may have."""
    return cast("int", scope.get("state", {}).get(_KEY, MOST_JSON_DEPTH))
