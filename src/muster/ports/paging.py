"""Pages of a list by keyset: what comes after a row, never how many to skip."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

__all__ = ["Page", "PageRequest", "Position"]

T = TypeVar("T")
OrderT = TypeVar("OrderT")


class Position(Struct, frozen=True):
    """A row's place in a list: its value in the sort column, and its id to break ties."""

    value: datetime | date | str | tuple[int, ...]
    id: UUID


class PageRequest(Struct, Generic[OrderT], frozen=True):
    """Which part of a list is wanted.

    Attributes:
        order: By which column, from the port's closed list.
        descending: Whether the greatest comes first.
        after: The last row already seen; ``None`` begins at the front.
        limit: At most this many rows, 1 to 200.
    """

    order: OrderT
    descending: bool = False
    after: Position | None = None
    limit: int = 50


class Page(Struct, Generic[T], frozen=True):
    """Some rows of a list.

    Attributes:
        rows: In order.
        next: Where the following page begins after; ``None`` at the end.
    """

    rows: tuple[T, ...]
    next: Position | None
