"""Blocks of trainers' time in memory: the repository and the reader."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from muster.domain.blocks import TrainerBlock
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.blocks import BlockReader, BlockRepository
from muster_memory.store import MemoryStore, StoredBlock
from muster_memory.transaction import Transaction

__all__ = ["MemoryBlockReader", "MemoryBlocks"]


class MemoryBlocks(BlockRepository):
    """Blocks within one unit of work."""

    def __init__(self, transaction: Transaction, scope: Scope) -> None:
        """Work within a transaction and a scope."""
        self._transaction = transaction
        self._scope = scope

    async def add(self, block: TrainerBlock) -> None:
        """Store a new block."""
        await self._transaction.step()
        self._transaction.blocks.add(block.id, StoredBlock(block))

    async def get(self, block_id: UUID) -> TrainerBlock | None:
        """Return a block, locked until the unit ends."""
        await self._transaction.lock("block", block_id)
        stored = self._transaction.blocks.get(block_id)
        if stored is None or stored.removed:
            return None
        return stored.block if self._scope.holds_trainer(stored.block.trainer_id) else None

    async def remove(self, block_id: UUID) -> None:
        """Remove a block."""
        await self._transaction.step()
        self._transaction.require("block", block_id, self._transaction.blocks)
        stored = self._transaction.blocks.get(block_id)
        if stored is None or stored.removed:
            raise LookupError(f"there is no block {block_id}")
        self._transaction.blocks.put(block_id, replace(stored, removed=True))


class MemoryBlockReader(BlockReader):
    """Committed blocks."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def of_trainer(
        self, trainer_id: UUID, from_day: date, to_day: date, scope: Scope = EVERYTHING
    ) -> tuple[TrainerBlock, ...]:
        """Return a trainer's blocks with a day between two local days, both included."""
        found = [
            stored.block
            for stored in self._store.blocks.where("trainer", trainer_id)
            if not stored.removed
            and stored.block.touches(from_day, to_day)
            and scope.holds_trainer(trainer_id)
        ]
        return tuple(sorted(found, key=lambda block: (block.periods[0].first_day, block.id.int)))
