"""Blocks of trainers' time in PostgreSQL: the repository and the reader."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from muster.domain.blocks import BlockPeriod, TrainerBlock
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.blocks import BlockReader, BlockRepository
from muster_postgres.connection import PostgresConnection
from muster_postgres.database import Database

__all__ = ["PostgresBlockReader", "PostgresBlocks"]

_SELECT = "SELECT id, trainer_id, time_zone, periods, reason, created_at FROM trainer_blocks"

_INSERT = """
    INSERT INTO trainer_blocks
        (id, trainer_id, time_zone, periods, first_day, last_day, reason, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_REMOVE = "UPDATE trainer_blocks SET removed = true WHERE id = $1 AND NOT removed"

_PERIODS = msgspec.json.Decoder(tuple[BlockPeriod, ...])


class PostgresBlocks(BlockRepository):
    """Blocks within one unit of work."""

    def __init__(self, connection: PostgresConnection, scope: Scope) -> None:
        """Work on the unit's connection, within a scope."""
        self._connection = connection
        self._scope = scope

    async def add(self, block: TrainerBlock) -> None:
        """Store a new block."""
        await self._connection.execute(
            _INSERT,
            block.id,
            block.trainer_id,
            block.time_zone,
            msgspec.json.encode(block.periods).decode(),
            min(period.first_day for period in block.periods),
            max(period.last_day for period in block.periods),
            block.reason,
            block.created_at,
        )

    async def get(self, block_id: UUID) -> TrainerBlock | None:
        """Return a block, locked until the unit ends."""
        row = await self._connection.fetchrow(
            f"{_SELECT} WHERE id = $1 AND NOT removed FOR NO KEY UPDATE", block_id
        )
        if row is None or not self._scope.holds_trainer(row["trainer_id"]):
            return None
        return _block_from(row)

    async def remove(self, block_id: UUID) -> None:
        """Remove a block."""
        if await self._connection.execute(_REMOVE, block_id) != "UPDATE 1":
            raise LookupError(f"there is no block {block_id}")


class PostgresBlockReader(BlockReader):
    """Committed blocks."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def of_trainer(
        self, trainer_id: UUID, from_day: date, to_day: date, scope: Scope = EVERYTHING
    ) -> tuple[TrainerBlock, ...]:
        """Return a trainer's blocks with a day between two local days, both included."""
        if not scope.holds_trainer(trainer_id):
            return ()
        rows = await self._database.fetch(
            f"{_SELECT} WHERE trainer_id = $1 AND NOT removed AND last_day >= $2"
            " AND first_day <= $3 ORDER BY first_day, id",
            trainer_id,
            from_day,
            to_day,
        )
        return tuple(block for row in rows if (block := _block_from(row)).touches(from_day, to_day))


def _block_from(row: asyncpg.Record) -> TrainerBlock:
    return TrainerBlock(
        id=row["id"],
        trainer_id=row["trainer_id"],
        time_zone=row["time_zone"],
        periods=_PERIODS.decode(row["periods"]),
        reason=row["reason"],
        created_at=row["created_at"],
    )
