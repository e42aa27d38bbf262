"""One open transaction of the memory store: drafts, locks, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from datetime import datetime
from typing import Any
from uuid import UUID

from muster.domain.errors import DomainError
from muster.ports.unit_of_work import TransactionConflict
from muster_memory.guards import check_guards
from muster_memory.locks import LockMode
from muster_memory.store import MemoryStore, StoredDelivery
from muster_memory.table import Draft

__all__ = ["Transaction"]


class Transaction:
    """What one unit of work has written, and the locks that it holds.

    It reads what is committed at that moment, under its own writes (READ COMMITTED).
    """

    def __init__(self, store: MemoryStore) -> None:
        """Begin."""
        self.franchises = Draft(store.franchises)
        self.zones = Draft(store.zones)
        self.bookings = Draft(store.bookings)
        self.sessions = Draft(store.sessions)
        self.blocks = Draft(store.blocks)
        self.slots = Draft(store.slots)
        self.receipts = Draft(store.receipts)
        self.certificates = Draft(store.certificates)
        self.events = Draft(store.events)
        self.audit = Draft(store.audit)
        self.jobs = Draft(store.jobs)
        self.replays = Draft(store.replays)
        self.ticks: dict[str, datetime] = {}
        self.deliveries: dict[tuple[str, UUID], StoredDelivery] = {}
        self._store = store
        self._told = store.deliveries
        self._ticked = store.ticks
        self._locks = store.locks
        self._over: str | None = None
        self._lost = False

    async def step(self) -> None:
        """Let other units take a step, and see that this one is still open.

        Raises:
            TransactionConflict: It has lost against another unit.
            RuntimeError: It has ended.
        """
        await asyncio.sleep(0)
        if self._lost:
            raise TransactionConflict("The unit of work has lost against another one.")
        if self._over is not None:
            raise RuntimeError(f"the unit of work was {self._over}")

    async def lock(self, kind: str, key: Hashable, mode: LockMode = LockMode.EXCLUSIVE) -> None:
        """Hold a lock until the unit ends.

        Args:
            kind: Of what; keys of different kinds never meet.
            key: Which one.
            mode: Whether others may hold it in the same mode.

        Raises:
            TransactionConflict: Waiting for it would never end; the unit is undone.
        """
        await self.step()
        try:
            await self._locks.acquire(self, (kind, key), mode)
        except TransactionConflict:
            self._lost = True
            self.end("undone")
            raise

    def holds(self, kind: str, key: Hashable) -> bool:
        """Return whether the unit holds a lock exclusively."""
        return self._locks.holds(self, (kind, key))

    def unlock(self, kind: str, key: Hashable) -> None:
        """Let go of a lock before the unit ends: what it stood for did not happen."""
        self._locks.release_one(self, (kind, key))

    def refuse(self, refusal: DomainError) -> DomainError:
        """Give the unit up, as a database gives up a transaction that broke a constraint.

        Returns:
            The refusal, to be raised.
        """
        self.end(f"undone: {refusal.message}")
        return refusal

    def require(self, kind: str, row_id: UUID, draft: Draft[Any]) -> None:
        """See that the unit may replace a row: it holds its lock, or has written it.

        Raises:
            LookupError: It never read what it is about to change.
        """
        if row_id not in draft.changes and not self.holds(kind, row_id):
            raise LookupError(f"this unit of work did not get the {kind} {row_id}")

    async def commit(self) -> None:
        """Make all writes visible at once.

        Raises:
            TransactionConflict: It has lost against another unit.
        """
        await self.step()
        trainers = {row.slot.trainer_id for row in self.slots.changes.values()}
        check_guards(
            [row.slot for row in self.slots.where("trainer", trainer)] for trainer in trainers
        )
        drafts: tuple[Draft[Any], ...] = (
            self.franchises,
            self.zones,
            self.bookings,
            self.sessions,
            self.blocks,
            self.slots,
            self.receipts,
            self.certificates,
            self.events,
            self.audit,
            self.jobs,
            self.replays,
        )
        for draft in drafts:
            draft.commit()
        self._store.number(self.events.changes)
        self._told.update(self.deliveries)
        self._ticked.update(self.ticks)
        self.end("committed")

    def end(self, how: str) -> None:
        """Let go of the locks; what was not committed is forgotten."""
        if self._over is None:
            self._over = how
            self._locks.release(self)
