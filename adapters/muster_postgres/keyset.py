"""Pages by keyset: the statement that reads what comes after a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import asyncpg

from muster.domain.scopes import Scope
from muster.ports.paging import PageRequest, Position

__all__ = ["Bounds", "PageQuery"]

Bounds: TypeAlias = Callable[[Scope, str, int], tuple[str, list[Any]]]
"""What a scope adds to a condition, and the values of its parameters."""


class PageQuery:
    """The statement for one page; its text is put together from constants alone.

    Attributes:
        args: The values of its parameters.
    """

    def __init__(self, select: str, table: str) -> None:
        """Begin a statement.

        Args:
            select: ``SELECT … FROM …``, without conditions.
            table: The table, or its alias, that is sorted and has the column ``id``.
        """
        self.args: list[Any] = []
        self._select = select
        self._table = table
        self._conditions: list[str] = []

    def where(self, condition: str, value: Any) -> None:
        """Add a condition with one parameter, written ``{}``; none when the value is ``None``."""
        if value is not None:
            self._conditions.append(condition.format(self._parameter(value)))

    def where_plain(self, condition: str) -> None:
        """Add a condition without a parameter."""
        self._conditions.append(condition)

    def where_within(self, bounds: Bounds, scope: Scope, of: str) -> None:
        """Add what a scope bounds.

        Args:
            bounds: One of ``muster_postgres.scoping``.
            scope: Whose data may be seen.
            of: The table or column that it bounds.
        """
        text, values = bounds(scope, of, len(self.args))
        if text:
            self._conditions.append(text.removeprefix(" AND "))
            self.args.extend(values)

    def text(self, column: str, request: PageRequest[Any]) -> str:
        """Finish the statement; it returns a row too many, to tell whether there are more.

        Args:
            column: By which the list is sorted.
            request: Which part of it is wanted.
        """
        key = f"{self._table}.{column}", f"{self._table}.id"
        beyond, direction = ("<", "DESC") if request.descending else (">", "ASC")
        if request.after is not None:
            value, id_ = map(self._parameter, (request.after.value, request.after.id))
            self._conditions.append(f"({', '.join(key)}) {beyond} ({value}, {id_})")
        conditions = f" WHERE {' AND '.join(self._conditions)}" if self._conditions else ""
        order = ", ".join(f"{part} {direction}" for part in key)
        limit = self._parameter(request.limit + 1)
        return f"{self._select}{conditions} ORDER BY {order} LIMIT {limit}"

    @staticmethod
    def next_after(
        rows: Sequence[asyncpg.Record], column: str, request: PageRequest[Any]
    ) -> Position | None:
        """Return where the following page begins after; ``None`` at the end.

        Args:
            rows: All that the statement returned.
            column: By which the list is sorted.
            request: Which part of it was wanted.
        """
        if len(rows) <= request.limit:
            return None
        last = rows[request.limit - 1]
        return Position(last[column], last["id"])

    def _parameter(self, value: Any) -> str:
        self.args.append(value)
        return f"${len(self.args)}"
