"""The ports for blocks of trainers' time: the repository and the reader."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Protocol
from uuid import UUID

from muster.domain.blocks import TrainerBlock
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.keys import PortKey

__all__ = ["BLOCK_READER", "BlockReader", "BlockRepository"]


class BlockRepository(Protocol):
    """Blocks within one unit of work; their slots stand in the schedule."""

    @abstractmethod
    async def add(self, block: TrainerBlock) -> None:
        """Store a new block. A command."""

    @abstractmethod
    async def get(self, block_id: UUID) -> TrainerBlock | None:
        """Return a block, locked against other writers until the unit ends. A query."""

    @abstractmethod
    async def remove(self, block_id: UUID) -> None:
        """Remove a block that ``get`` returned in this unit. A command."""


class BlockReader(Protocol):
    """Blocks for pages; may be as old as its wrappers allow."""

    @abstractmethod
    async def of_trainer(
        self, trainer_id: UUID, from_day: date, to_day: date, scope: Scope = EVERYTHING
    ) -> tuple[TrainerBlock, ...]:
        """Return a trainer's blocks with a day between two local days, both included.

        In order of their first day, then of their ids. A query.
        """


BLOCK_READER = PortKey("block_reader", BlockReader, wrappable=True)
