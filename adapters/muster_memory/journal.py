"""Events and audit entries in memory, within one unit of work."""

from __future__ import annotations

from collections.abc import Sequence

from muster.ports.journal import (
    NOBODY,
    Audience,
    AuditEntry,
    AuditTrail,
    Outbox,
    RecordedEvent,
)
from muster_memory.store import StoredDelivery
from muster_memory.transaction import Transaction

__all__ = ["MemoryAuditTrail", "MemoryOutbox"]


class MemoryOutbox(Outbox):
    """Events that commit with the change they tell of."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def add(self, events: Sequence[RecordedEvent], audience: Audience = NOBODY) -> None:
        """Store events, in order, with who is to be told."""
        await self._transaction.step()
        for event in events:
            self._transaction.events.add(event.id, event)
            for subscriber in audience.get(type(event.event), ()):
                self._transaction.deliveries[subscriber, event.id] = StoredDelivery(event)


class MemoryAuditTrail(AuditTrail):
    """The audit entries that commit with the change they record."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Store entries, in order."""
        await self._transaction.step()
        for entry in entries:
            self._transaction.audit.add(entry.id, entry)
