"""A connection that speaks the core's errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from muster.ports.unit_of_work import Connection
from muster_postgres.errors import DRIVER_ERRORS, in_our_words

__all__ = ["Pooled", "PostgresConnection", "is_lost"]

Pooled: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
"""A connection as the pool hands it out."""


class PostgresConnection(Connection):
    """One pooled connection.

    Its errors are the core's where they have a meaning there, else ``StatementRefused``;
    neither tells what a row or a parameter holds.
    """

    def __init__(self, pooled: Pooled) -> None:
        """Speak through a connection that somebody else gives back."""
        self._pooled: Pooled | None = pooled

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement; return its command tag."""
        pooled = self._open()
        try:
            return await pooled.execute(query, *args)
        except DRIVER_ERRORS as error:
            told = _told(pooled, error)
        # Out here, so that no context holds the driver's words either.
        raise told

    async def fetch(self, query: str, *args: Any) -> Sequence[asyncpg.Record]:
        """Run a statement; return its rows."""
        pooled = self._open()
        try:
            return await pooled.fetch(query, *args)
        except DRIVER_ERRORS as error:
            told = _told(pooled, error)
        # Out here, so that no context holds the driver's words either.
        raise told

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        """Run a statement; return its first row."""
        pooled = self._open()
        try:
            return await pooled.fetchrow(query, *args)
        except DRIVER_ERRORS as error:
            told = _told(pooled, error)
        # Out here, so that no context holds the driver's words either.
        raise told

    def end(self) -> None:
        """Refuse to speak from now on: what follows would not belong to the transaction."""
        self._pooled = None

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
