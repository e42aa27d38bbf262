"""Which error a request was answered with, noted where it is known for whoever looks on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from litestar.types import Scope

from muster.domain.errors import Fault

__all__ = ["failure_of", "note_failure"]

_KEY = "muster_failure"


def note_failure(scope: Scope, code: str, faults: Sequence[Fault] = ()) -> None:
    """Note the code of the catalogue, and the single reasons."""
    scope.setdefault("state", {})[_KEY] = (code, faults)


def failure_of(scope: Scope) -> tuple[str | None, Sequence[Fault]]:
    """Return what was noted; no code where the request was no failure."""
    noted = scope.get("state", {}).get(_KEY, (None, ()))
    return cast("tuple[str | None, Sequence[Fault]]", noted)
