"""Units of work over the memory store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.unit_of_work import Connection, UnitOfWork, UnitOfWorkFactory
from muster_memory.blocks import MemoryBlocks
from muster_memory.bookings import MemoryBookings, MemoryReceipts
from muster_memory.certificates import MemoryCertificates
from muster_memory.franchises import MemoryFranchises
from muster_memory.journal import MemoryAuditTrail, MemoryOutbox
from muster_memory.schedule import MemorySchedule
from muster_memory.store import MemoryStore
from muster_memory.transaction import Transaction
from muster_memory.zones import MemoryZones

__all__ = ["MemoryUnitOfWork", "MemoryUnitOfWorkFactory"]


class MemoryUnitOfWork(UnitOfWork):
    """One open transaction."""

    def __init__(self, transaction: Transaction, scope: Scope) -> None:
        """Hand out the repositories of a transaction, within a scope."""
        self._transaction = transaction
        self._franchises = MemoryFranchises(transaction, scope)
        self._zones = MemoryZones(transaction, scope)
        self._bookings = MemoryBookings(transaction, scope)
        self._schedule = MemorySchedule(transaction)
        self._blocks = MemoryBlocks(transaction, scope)
        self._receipts = MemoryReceipts(transaction)
        self._certificates = MemoryCertificates(transaction)
        self._outbox = MemoryOutbox(transaction)
        self._audit = MemoryAuditTrail(transaction)

    @property
    def franchises(self) -> MemoryFranchises:
        """Franchises."""
        return self._franchises

    @property
    def zones(self) -> MemoryZones:
        """Zones."""
        return self._zones

    @property
    def bookings(self) -> MemoryBookings:
        """Bookings and their sessions."""
        return self._bookings

    @property
    def schedule(self) -> MemorySchedule:
        """Trainers' time."""
        return self._schedule

    @property
    def blocks(self) -> MemoryBlocks:
        """Blocks of trainers' time."""
        return self._blocks

    @property
    def receipts(self) -> MemoryReceipts:
        """Receipts."""
        return self._receipts

    @property
    def certificates(self) -> MemoryCertificates:
        """Certificates."""
        return self._certificates

    @property
    def outbox(self) -> MemoryOutbox:
        """Events to be told after the commit."""
        return self._outbox

    @property
    def audit(self) -> MemoryAuditTrail:
        """The audit trail."""
        return self._audit

    @property
    def transaction(self) -> Transaction:
        """The transaction, for ports of this store that work within a unit."""
        return self._transaction

    @property
    def connection(self) -> Connection:
        """There is none.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("the memory store has no connection")

    async def commit(self) -> None:
        """Make everything of this unit last."""
        await self._transaction.commit()


class MemoryUnitOfWorkFactory(UnitOfWorkFactory):
    """Opens units of work over one store."""

    def __init__(self, store: MemoryStore) -> None:
        """Work on a store."""
        self._store = store

    def __call__(self, scope: Scope = EVERYTHING) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open one; whatever was not committed when it is left is undone."""
        return self._open(scope)

    @asynccontextmanager
    async def _open(self, scope: Scope) -> AsyncIterator[UnitOfWork]:
        transaction = Transaction(self._store)
        try:
            yield MemoryUnitOfWork(transaction, scope)
        finally:
            transaction.end("undone")
