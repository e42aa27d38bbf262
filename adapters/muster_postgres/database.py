"""The one pool of an app, and the ways to a connection of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from weakref import WeakSet

import asyncpg
from asyncpg.pool import Pool

from muster.plugin_api import CompositionError
from muster.ports.observation import Gauge, Observer
from muster.ports.unobserved import UNOBSERVED
from muster_postgres.connection import Pooled, PostgresConnection, is_lost
from muster_postgres.counting import StatementCount
from muster_postgres.errors import DRIVER_ERRORS, meaning_of
from muster_postgres.reaching import DatabaseUnreachable, reached
from muster_postgres.revisions import (
    current_revision,
    driver_url,
    newest_revision,
    refuse_newer,
)
from muster_postgres.settings import PostgresSettings

__all__ = ["Database"]

_Raw: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_GRACE_SECONDS = 5.0
"""How much longer the client waits than the server, before it takes the network for dead."""

_EVERY_ARRAY = """
    SELECT NULL::uuid[], NULL::text[], NULL::smallint[], NULL::integer[], NULL::bigint[],
        NULL::boolean[], NULL::date[], NULL::timestamptz[], NULL::float8[], NULL::bytea[],
        ARRAY(SELECT ROW(1))
"""
"""Makes the driver learn these types when a connection is made, not amid a booking."""


class _InOneLine(logging.Filter):
    """Lets the pool say that it cannot connect; why is seen by ``/ready`` and by requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


_IN_ONE_LINE = _InOneLine()


class Database:
    """The database of one app.

    Nothing here changes the state of a session: locks are the transaction's, settings are
    given when a connection is made. So a connection goes back to the pool without the
    round trip by which asyncpg would reset it.
    """

    def __init__(self, settings: PostgresSettings) -> None:
        """Take the settings; nothing is opened yet."""
        self._settings = settings
        self._pool: Pool[asyncpg.Record] | None = None
        self._connections: WeakSet[_Raw] = WeakSet()
        self._counts: list[StatementCount] = []
        self._observer: Observer = UNOBSERVED
        self._waiting = 0

    @asynccontextmanager
    async def opened(self, observer: Observer = UNOBSERVED) -> AsyncIterator[None]:
        """Migrate if the settings say so, and keep the pool open while the context is.

        Args:
            observer: Looks on while statements are run, and may read how the pool is used.

        Raises:
            CompositionError: No database is configured, it cannot be reached, or another
                version of Muster has migrated it.
        """
        settings = self._settings
        if settings.url is None:
            raise CompositionError(
                "No database is configured. Set DATABASE_URL to a PostgreSQL 15 to 18, such as "
                "postgresql://muster:secret@localhost/muster."
            )
        await reached(settings.url, settings.connect_timeout_seconds)
        try:
            if settings.migrate_on_start:
                await _migrated(settings.url)
            pool = await self._new_pool(driver_url(settings.url))
        except DRIVER_ERRORS as error:
            if meaning_of(error) is None:
                raise
            raise DatabaseUnreachable(settings.url, error) from error
        self._pool, self._observer = pool, observer
        observer.offer(
            Gauge("database_connections", "Connections of the pool.", "state", self._pool_use)
        )
        # While the database is away, each attempt would write a traceback.
        logging.getLogger("asyncpg.pool").addFilter(_IN_ONE_LINE)
        try:
            yield
        finally:
            await _closed(pool)
            self._pool = None

    async def acquire(self) -> Pooled:
        """Return a connection, to be given back with ``release``.

        Raises:
            DatabaseUnavailable: None is free in time, or none can be made.
        """
        pool = self._opened_pool()
        self._waiting += 1
        try:
            return await pool.acquire(timeout=self._settings.acquire_timeout_seconds)
        except DRIVER_ERRORS as error:
            meaning = meaning_of(error, connection_lost=pool.is_closing())
            if meaning is None:
                raise
            raise meaning from error
        finally:
            self._waiting -= 1

    def speaking(self, pooled: Pooled) -> PostgresConnection:
        """Return a connection in the core's words; whoever acquired it gives it back."""
        return PostgresConnection(pooled, self._observer)

    async def release(self, pooled: Pooled) -> None:
        """Give a connection back; one that is broken or still at work is closed instead."""
        try:
            await self._opened_pool().release(pooled)
        except DRIVER_ERRORS as error:
            # The pool has closed the connection; whoever used it has had their answer.
            if meaning_of(error, connection_lost=is_lost(pooled)) is None:
                raise

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PostgresConnection]:
        """Hand out a connection, each of whose statements is its own transaction."""
        pooled = await self.acquire()
        try:
            yield self.speaking(pooled)
        finally:
            await self.release(pooled)

    async def fetch(self, query: str, *args: Any) -> Sequence[asyncpg.Record]:
        """Run one statement on a free connection; return its rows."""
        async with self.connection() as connection:
            return await connection.fetch(query, *args)

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        """Run one statement on a free connection; return its first row."""
        async with self.connection() as connection:
            return await connection.fetchrow(query, *args)

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[StatementCount]:
        """Count every statement that this app sends while the context is open; for tests.

        BEGIN, COMMIT and savepoints count too. What the driver does by itself (preparing a
        statement on a connection's first use of it) does not. Read the count after the
        context is left.
        """
        count = StatementCount()
        self._counts.append(count)
        for connection in self._connections:
            connection.add_query_logger(count.record)
        try:
            yield count
        finally:
            await count.settle()
            self._counts.remove(count)
            for connection in self._connections:
                connection.remove_query_logger(count.record)

    async def _pool_use(self) -> dict[str, float]:
        pool = self._opened_pool()
        idle = pool.get_idle_size()
        return {"in_use": pool.get_size() - idle, "idle": idle, "waiting": self._waiting}

    def _opened_pool(self) -> Pool[asyncpg.Record]:
        if self._pool is None:
            raise RuntimeError("the database is not open: the app is not running")
        return self._pool

    async def _new_pool(self, url: str) -> Pool[asyncpg.Record]:
        settings = self._settings
        patience = settings.statement_timeout_seconds
        return await asyncpg.create_pool(
            url,
            min_size=min(settings.pool_min_size, settings.pool_max_size),
            max_size=settings.pool_max_size,
            max_inactive_connection_lifetime=settings.idle_connection_seconds,
            timeout=settings.connect_timeout_seconds,
            command_timeout=patience + _GRACE_SECONDS if patience else None,
            statement_cache_size=settings.statement_cache_size,
            init=self._made,
            reset=_nothing_to_reset,
            server_settings={
                "application_name": "muster",
                # Compiling a plan costs more than any statement here takes.
                "jit": "off",
                "statement_timeout": _milliseconds(patience),
                "lock_timeout": _milliseconds(settings.lock_timeout_seconds),
                "idle_in_transaction_session_timeout": _milliseconds(
                    settings.idle_in_transaction_seconds
                ),
            },
        )

    async def _made(self, connection: _Raw) -> None:
        await connection.fetchrow(_EVERY_ARRAY)
        self._connections.add(connection)
        for count in self._counts:
            connection.add_query_logger(count.record)


async def _nothing_to_reset(_: _Raw) -> None:
    """Stand for asyncpg's reset; an open transaction is rolled back before this."""


async def _migrated(url: str) -> None:
    revision = await current_revision(url)
    if revision == newest_revision():
        return
    refuse_newer(revision)
    # Alembic takes a second to import, and most starts find nothing to do.
    from muster_postgres.migrations import upgrade_async

    await upgrade_async(url)


async def _closed(pool: Pool[asyncpg.Record]) -> None:
    """Wait for what is in flight, but not for ever."""
    try:
        await asyncio.wait_for(pool.close(), _GRACE_SECONDS)
    except TimeoutError:
        pool.terminate()


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
