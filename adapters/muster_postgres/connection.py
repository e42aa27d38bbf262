"""A connection that speaks the core's errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from muster.ports.observation import Observer, StatementActivity
from muster.ports.unit_of_work import Connection
from muster.ports.unobserved import UNOBSERVED
from muster_postgres.errors import DRIVER_ERRORS, in_our_words

__all__ = ["Pooled", "PostgresConnection", "is_lost"]

Pooled: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
"""A connection as the pool hands it out."""

T = TypeVar("T")


class PostgresConnection(Connection):
    """One pooled connection.

    Its errors are the core's where they have a meaning there, else ``StatementRefused``;
    neither tells what a row or a parameter holds.
    """

    def __init__(self, pooled: Pooled, observer: Observer = UNOBSERVED) -> None:
        """Speak through a connection that somebody else gives back.

        Args:
            pooled: The connection.
            observer: Looks on while statements are run.
        """
        self._pooled: Pooled | None = pooled
        self._observer = observer

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement; return its command tag."""
        pooled = self._open()
        return await self._asked(pooled, pooled.execute, query, args)

    async def fetch(self, query: str, *args: Any) -> Sequence[asyncpg.Record]:
        """Run a statement; return its rows."""
        pooled = self._open()
        return await self._asked(pooled, pooled.fetch, query, args)

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        """Run a statement; return its first row."""
        pooled = self._open()
        return await self._asked(pooled, pooled.fetchrow, query, args)

    def end(self) -> None:
        """Refuse to speak from now on: what follows would not belong to the transaction."""
        self._pooled = None

    async def _asked(
        self, pooled: Pooled, ask: Callable[..., Awaitable[T]], query: str, args: tuple[Any, ...]
    ) -> T:
        with self._observer.observing(StatementActivity(query)):
            try:
                return await ask(query, *args)
            except DRIVER_ERRORS as error:
                told = _told(pooled, error)
            # Out here, so that no context holds the driver's words either.
            raise told

    def _open(self) -> Pooled:
        if self._pooled is None:
            raise RuntimeError("the unit of work has ended")
        return self._pooled


def _told(pooled: Pooled, error: BaseException) -> BaseException:
    if isinstance(error, TimeoutError):
        # The server would have given up before. Whatever else it were asked, a rollback or
        # the end of the statement, would have to be waited for as long again.
        pooled.terminate()
    return in_our_words(error, connection_lost=is_lost(pooled))


def is_lost(pooled: Pooled) -> bool:
    """Return whether a connection was closed, by the server or by the driver."""
    try:
        return pooled.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken a connection back that died in its user's hands.
        return True
