"""Pages by keyset over rows in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from muster.ports.paging import Page, PageRequest, Position

__all__ = ["page_of"]

RowT = TypeVar("RowT")


def page_of(
    rows: Iterable[RowT], request: PageRequest[Any], position_of: Callable[[RowT], Position]
) -> Page[RowT]:
    """Return a page of rows.

    Args:
        rows: Every row of the list, in any order.
        request: Which part is wanted.
        position_of: A row's place in the order that the request asks for.
    """
    positions = [(position_of(row), row) for row in rows]
    positions.sort(key=lambda entry: _key(entry[0]), reverse=request.descending)
    if request.after is not None:
        seen = _key(request.after)
        positions = [
            entry
            for entry in positions
            if (_key(entry[0]) < seen if request.descending else _key(entry[0]) > seen)
        ]
    shown, more = positions[: request.limit], len(positions) > request.limit
    return Page(tuple(row for _, row in shown), shown[-1][0] if more else None)


def _key(position: Position) -> tuple[Any, int]:
    return position.value, position.id.int
