"""The ports for zones: repository, reader, and the locator that a booking relies on."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import DomainError
from muster.domain.geography import Point
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.zones import Operator, Zone, ZoneStatus
from muster.ports.keys import PortKey
from muster.ports.paging import Page, PageRequest

__all__ = [
    "ZONE_LOCATOR",
    "ZONE_READER",
    "ZoneFilter",
    "ZoneLocator",
    "ZoneNameTaken",
    "ZoneOrder",
    "ZoneReader",
    "ZoneRepository",
    "ZonesAround",
]


class ZoneNameTaken(DomainError):
    """The operator has another zone of this name, once folded."""

    code: ClassVar[str] = "ZONE_NAME_TAKEN"


class ZoneOrder(Enum):
    """By what a list of zones is sorted."""

    NAME = "name"
    CREATED_AT = "createdAt"


class ZoneFilter(Struct, frozen=True):
    """Which zones a list holds; ``None`` means any.

    Attributes:
        operator: The company's or the franchises'.
        franchise_id: Of this franchise.
        status: Active or archived.
        time_zone: With exactly this IANA key.
        name: Whose folded name begins with this folded text.
    """

    operator: Operator | None = None
    franchise_id: UUID | None = None
    status: ZoneStatus | None = None
    time_zone: str | None = None
    name: str | None = None


class ZoneRepository(Protocol):
    """Zones within one unit of work."""

    @abstractmethod
    async def add(self, zone: Zone) -> None:
        """Store a new zone. A command.

        Raises:
            ZoneNameTaken: The operator has another zone of the folded name.
        """

    @abstractmethod
    async def get(self, zone_id: UUID) -> Zone | None:
        """Return a zone, locked until the unit ends against other writers and new bookings.

        A query.
        """

    @abstractmethod
    async def replace(self, zone: Zone) -> None:
        """Store a changed zone that ``get`` returned in this unit. A command.

        Raises:
            ZoneNameTaken: The operator has another zone of the folded name.
        """

    @abstractmethod
    async def version_in_force(self, zone_id: UUID) -> int | None:
        """Return an active zone's version, which then stays in force until the unit ends.

        ``None`` when it is archived or gone. A query; bookings of one zone do not wait
        for each other here.
        """


class ZoneReader(Protocol):
    """Zones for pages; what it says may be as old as its wrappers allow."""

    @abstractmethod
    async def get(self, zone_id: UUID, scope: Scope = EVERYTHING) -> Zone | None:
        """Return a zone. A query."""

    @abstractmethod
    async def page(
        self, wanted: ZoneFilter, request: PageRequest[ZoneOrder], scope: Scope = EVERYTHING
    ) -> Page[Zone]:
        """Return a page of zones; names sort by their folded form. A query."""


class ZonesAround(Struct, frozen=True):
    """Zones near a place.

    Attributes:
        covering: Every active zone that covers it; others may be among them.
        nearest: The active zone with the nearest centre, only when none covers the place.
    """

    covering: tuple[Zone, ...]
    nearest: Zone | None


class ZoneLocator(Protocol):
    """Which zones serve a place, and what they are: committed truth, never from a cache."""

    @abstractmethod
    async def around(self, point: Point) -> ZonesAround:
        """Return the zones that cover a place, or the nearest one. A query.

        Its cost does not grow with the number of zones elsewhere.
        """

    @abstractmethod
    async def covering(self, points: Sequence[Point]) -> tuple[tuple[Zone, ...], ...]:
        """Return the active zones that cover each of some places, in one question. A query."""

    @abstractmethod
    async def zone(self, zone_id: UUID) -> Zone | None:
        """Return a zone, archived or not. A query."""


ZONE_READER = PortKey("zone_reader", ZoneReader, wrappable=True)
ZONE_LOCATOR = PortKey("zone_locator", ZoneLocator)
