"""Franchises in memory: the repository and the reader."""

from __future__ import annotations

from uuid import UUID

from muster.domain.franchises import Franchise
from muster.domain.names import fold_name
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.franchises import (
    FranchiseFilter,
    FranchiseNameTaken,
    FranchiseOrder,
    FranchiseReader,
    FranchiseRepository,
)
from muster.ports.paging import Page, PageRequest, Position
from muster_memory.paging import page_of
from muster_memory.store import MemoryStore
from muster_memory.transaction import Transaction

__all__ = ["MemoryFranchiseReader", "MemoryFranchises"]


class MemoryFranchises(FranchiseRepository):
    """Franchises within one unit of work."""

    def __init__(self, transaction: Transaction, scope: Scope) -> None:
        """Work within a transaction and a scope."""
        self._transaction = transaction
        self._scope = scope

    async def add(self, franchise: Franchise) -> None:
        """Store a new franchise."""
        await self._take_name(franchise)
        self._transaction.franchises.add(franchise.id, franchise)

    async def get(self, franchise_id: UUID) -> Franchise | None:
        """Return a franchise, locked until the unit ends."""
        await self._transaction.lock("franchise", franchise_id)
        if not self._scope.holds_franchise(franchise_id):
            return None
        return self._transaction.franchises.get(franchise_id)

    async def replace(self, franchise: Franchise) -> None:
        """Store a changed franchise."""
        await self._transaction.step()
        self._transaction.require("franchise", franchise.id, self._transaction.franchises)
        await self._take_name(franchise)
        self._transaction.franchises.put(franchise.id, franchise)

    async def _take_name(self, franchise: Franchise) -> None:
        draft = self._transaction.franchises
        before = draft.get(franchise.id)
        name = fold_name(franchise.name)
        # The name that is given up is locked too: until the unit ends it may come back.
        for locked in sorted({name} | ({fold_name(before.name)} if before else set())):
            await self._transaction.lock("franchise name", locked)
        if any(other.id != franchise.id for other in draft.where("name", name)):
            taken = FranchiseNameTaken("Another franchise has this name.")
            raise self._transaction.refuse(taken)


class MemoryFranchiseReader(FranchiseReader):
    """Committed franchises."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def get(self, franchise_id: UUID, scope: Scope = EVERYTHING) -> Franchise | None:
        """Return a franchise."""
        if not scope.holds_franchise(franchise_id):
            return None
        return self._store.franchises.get(franchise_id)

    async def page(
        self,
        wanted: FranchiseFilter,
        request: PageRequest[FranchiseOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Franchise]:
        """Return a page of franchises."""
        rows = (
            franchise
            for franchise in self._store.franchises.all()
            if wanted.status in (None, franchise.status) and scope.holds_franchise(franchise.id)
        )
        by_name = request.order is FranchiseOrder.NAME
        return page_of(rows, request, _by_name if by_name else _by_age)


def _by_name(franchise: Franchise) -> Position:
    return Position(fold_name(franchise.name), franchise.id)


def _by_age(franchise: Franchise) -> Position:
    return Position(franchise.created_at, franchise.id)
