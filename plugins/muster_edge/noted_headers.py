"""Headers that somebody inside wants on the answer, also where a refusal is that answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

from litestar.types import Scope

__all__ = ["HeaderLines", "note_headers", "noted_headers"]

HeaderLines: TypeAlias = Sequence[tuple[bytes, bytes]]

_KEY = "muster_edge_headers"


def note_headers(scope: Scope, lines: HeaderLines) -> None:
    """Note headers for the answer to this request, in place of those noted before."""
    scope.setdefault("state", {})[_KEY] = lines


def noted_headers(scope: Scope) -> HeaderLines:
    """Return what was noted."""
    return cast("HeaderLines", scope.get("state", {}).get(_KEY, ()))
