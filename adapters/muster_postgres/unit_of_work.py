"""One transaction: its connection, its repositories, and how it ends."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.unit_of_work import (
    DatabaseUnavailable,
    TransactionConflict,
    UnitOfWork,
    UnitOfWorkFactory,
)
from muster_postgres.blocks import PostgresBlocks
from muster_postgres.bookings import PostgresBookings
from muster_postgres.certificates import PostgresCertificates
from muster_postgres.connection import Pooled, PostgresConnection, is_lost
from muster_postgres.database import Database
from muster_postgres.franchises import PostgresFranchises
from muster_postgres.journal import (
    Journal,
    PostgresAuditTrail,
    PostgresOutbox,
    PostgresReceipts,
)
from muster_postgres.schedule import PostgresSchedule
from muster_postgres.zones import PostgresZones

__all__ = ["PostgresUnitOfWork", "PostgresUnitOfWorkFactory"]


class PostgresUnitOfWork(UnitOfWork):
    """One open transaction, READ COMMITTED."""

    def __init__(self, connection: PostgresConnection, scope: Scope) -> None:
        """Work in the transaction that is open on a connection, within a scope."""
        self._connection = connection
        self._scope = scope
        self._journal = Journal()

    @property
    def franchises(self) -> PostgresFranchises:
        """Franchises."""
        return PostgresFranchises(self._connection, self._scope)

    @property
    def zones(self) -> PostgresZones:
        """Zones."""
        return PostgresZones(self._connection, self._scope)

    @property
    def bookings(self) -> PostgresBookings:
        """Bookings and their sessions."""
        return PostgresBookings(self._connection, self._scope)

    @property
    def schedule(self) -> PostgresSchedule:
        """Trainers' time."""
        return PostgresSchedule(self._connection)

    @property
    def blocks(self) -> PostgresBlocks:
        """Blocks of trainers' time."""
        return PostgresBlocks(self._connection, self._scope)

    @property
    def receipts(self) -> PostgresReceipts:
        """Receipts."""
        return PostgresReceipts(self._journal)

    @property
    def certificates(self) -> PostgresCertificates:
        """Certificates."""
        return PostgresCertificates(self._connection)

    @property
    def outbox(self) -> PostgresOutbox:
        """Events to be told after the commit."""
        return PostgresOutbox(self._journal)

    @property
    def audit(self) -> PostgresAuditTrail:
        """The audit trail."""
        return PostgresAuditTrail(self._journal)

    @property
    def connection(self) -> PostgresConnection:
        """The connection itself, for plugins' own tables."""
        return self._connection

    async def commit(self) -> None:
        """Make everything of this unit last."""
        await self._journal.write(self._connection)
        done = await self._connection.execute("COMMIT")
        self._connection.end()
        if done != "COMMIT":
            # PostgreSQL answers the commit of a failed transaction with ROLLBACK.
            raise RuntimeError("an error of this unit was swallowed; nothing of it lasts")


class PostgresUnitOfWorkFactory(UnitOfWorkFactory):
    """Opens transactions on the app's pool."""

    def __init__(self, database: Database) -> None:
        """Open them in a database."""
        self._database = database

    def __call__(
        self, scope: Scope = EVERYTHING
    ) -> AbstractAsyncContextManager[PostgresUnitOfWork]:
        """Open one."""
        return _Transaction(self._database, scope)


class _Transaction(AbstractAsyncContextManager[PostgresUnitOfWork]):
    """A class and no generator: this stands in the way of every booking."""

    __slots__ = ("_connection", "_database", "_pooled", "_scope")

    _pooled: Pooled
    _connection: PostgresConnection

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database = database
        self._scope = scope

    async def __aenter__(self) -> PostgresUnitOfWork:
        self._pooled = await self._database.acquire()
        self._connection = self._database.speaking(self._pooled)
        try:
            await self._connection.execute("BEGIN")
        except BaseException:
            await self._database.release(self._pooled)
            raise
        return PostgresUnitOfWork(self._connection, self._scope)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.end()
        # To the end, even when the task is cancelled once more meanwhile.
        await asyncio.shield(self._undo_and_release())

    async def _undo_and_release(self) -> None:
        pooled = self._pooled
        try:
            if not is_lost(pooled) and pooled.is_in_transaction():
                await self._database.speaking(pooled).execute("ROLLBACK")
        except (DatabaseUnavailable, TransactionConflict):
            if not is_lost(pooled):
                pooled.terminate()
        finally:
            await self._database.release(pooled)
