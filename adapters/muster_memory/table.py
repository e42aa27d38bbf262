"""Tables of rows by id, with indexes, and a unit's own draft of one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import chain
from typing import Generic, TypeVar
from uuid import UUID

__all__ = ["Draft", "Table"]

RowT = TypeVar("RowT")

IndexKey = Callable[[RowT], Hashable]
"""A row's key in an index; ``None`` leaves the row out."""


class Table(Generic[RowT]):
    """Committed rows, in the order in which their ids were first stored."""

    def __init__(self, **indexes: IndexKey[RowT]) -> None:
        """Start empty.

        Args:
            **indexes: By name, what each index is over.
        """
        self.keys = indexes
        self._rows: dict[UUID, RowT] = {}
        self._indexes: dict[str, dict[Hashable, dict[UUID, RowT]]] = {name: {} for name in indexes}

    def get(self, row_id: UUID) -> RowT | None:
        """Return a row."""
        return self._rows.get(row_id)

    def all(self) -> Iterator[RowT]:
        """Return every row."""
        return iter(self._rows.values())

    def items(self) -> Iterator[tuple[UUID, RowT]]:
        """Return every row with its id."""
        return iter(self._rows.items())

    def where(self, index: str, key: Hashable) -> Iterator[RowT]:
        """Return the rows with a key in an index."""
        return iter(self._indexes[index].get(key, {}).values())

    def identified(self, index: str, key: Hashable) -> Iterator[tuple[UUID, RowT]]:
        """Return the rows with a key in an index, each with its id."""
        return iter(self._indexes[index].get(key, {}).items())

    def remove(self, row_id: UUID) -> None:
        """Delete a row."""
        row = self._rows.pop(row_id)
        for name, key_of in self.keys.items():
            self._indexes[name].get(key_of(row), {}).pop(row_id, None)

    def write(self, changes: Mapping[UUID, RowT]) -> None:
        """Store rows, over those of the same ids."""
        for row_id, row in changes.items():
            before = self._rows.get(row_id)
            self._rows[row_id] = row
            for name, key_of in self.keys.items():
                index = self._indexes[name]
                if before is not None:
                    index.get(key_of(before), {}).pop(row_id, None)
                key = key_of(row)
                if key is not None:
                    index.setdefault(key, {})[row_id] = row


class Draft(Generic[RowT]):
    """A table as one unit of work sees it: what is committed now, under its own writes."""

    def __init__(self, table: Table[RowT]) -> None:
        """Start without changes."""
        self._table = table
        self.changes: dict[UUID, RowT] = {}
        self._removed: set[UUID] = set()

    def get(self, row_id: UUID) -> RowT | None:
        """Return a row."""
        if row_id in self.changes:
            return self.changes[row_id]
        return None if row_id in self._removed else self._table.get(row_id)

    def where(self, index: str, key: Hashable) -> Iterator[RowT]:
        """Return the rows with a key in an index."""
        key_of = self._table.keys[index]
        untouched = (
            row
            for row_id, row in self._table.identified(index, key)
            if row_id not in self.changes and row_id not in self._removed
        )
        return chain(untouched, (row for row in self.changes.values() if key_of(row) == key))

    def add(self, row_id: UUID, row: RowT) -> None:
        """Write a new row.

        Raises:
            ValueError: The id is in use.
        """
        if self.get(row_id) is not None:
            raise ValueError(f"the id {row_id} is in use")
        self.changes[row_id] = row

    def put(self, row_id: UUID, row: RowT) -> None:
        """Write a row, over that of the same id."""
        self.changes[row_id] = row

    def remove(self, row_id: UUID) -> None:
        """Delete a row that is committed."""
        self.changes.pop(row_id, None)
        self._removed.add(row_id)

    def commit(self) -> None:
        """Write the changes into the table."""
        for row_id in self._removed - self.changes.keys():
            self._table.remove(row_id)
        self._table.write(self.changes)
