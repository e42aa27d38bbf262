"""The ports for franchises: the repository that changes them, the reader that shows them."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from enum import Enum
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import DomainError
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.keys import PortKey
from muster.ports.paging import Page, PageRequest

__all__ = [
    "FRANCHISE_READER",
    "FranchiseFilter",
    "FranchiseNameTaken",
    "FranchiseOrder",
    "FranchiseReader",
    "FranchiseRepository",
]


class FranchiseNameTaken(DomainError):
    """Another franchise has this name, once folded."""

    code: ClassVar[str] = "FRANCHISE_NAME_TAKEN"


class FranchiseOrder(Enum):
    """By what a list of franchises is sorted."""

    NAME = "name"
    CREATED_AT = "createdAt"


class FranchiseFilter(Struct, frozen=True):
    """Which franchises a list holds; ``None`` means any."""

    status: FranchiseStatus | None = None


class FranchiseRepository(Protocol):
    """Franchises within one unit of work."""

    @abstractmethod
    async def add(self, franchise: Franchise) -> None:
        """Store a new franchise. A command.

        Raises:
            FranchiseNameTaken: The folded name is in use.
        """

    @abstractmethod
    async def get(self, franchise_id: UUID) -> Franchise | None:
        """Return a franchise, locked against other writers until the unit ends. A query."""

    @abstractmethod
    async def replace(self, franchise: Franchise) -> None:
        """Store a changed franchise that ``get`` returned in this unit. A command.

        Raises:
            FranchiseNameTaken: The folded name is in use.
        """


class FranchiseReader(Protocol):
    """Franchises for pages; what it says may be as old as its wrappers allow."""

    @abstractmethod
    async def get(self, franchise_id: UUID, scope: Scope = EVERYTHING) -> Franchise | None:
        """Return a franchise. A query."""

    @abstractmethod
    async def page(
        self,
        wanted: FranchiseFilter,
        request: PageRequest[FranchiseOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Franchise]:
        """Return a page of franchises; names sort by their folded form. A query."""


FRANCHISE_READER = PortKey("franchise_reader", FranchiseReader, wrappable=True)
