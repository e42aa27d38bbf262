"""Zones in memory: the repository and the reader."""

from __future__ import annotations

from uuid import UUID

from muster.domain.names import fold_name
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.zones import Zone, ZoneStatus
from muster.ports.paging import Page, PageRequest, Position
from muster.ports.zones import ZoneFilter, ZoneNameTaken, ZoneOrder, ZoneReader, ZoneRepository
from muster_memory.locks import LockMode
from muster_memory.paging import page_of
from muster_memory.store import MemoryStore
from muster_memory.transaction import Transaction

__all__ = ["MemoryZoneReader", "MemoryZones"]


class MemoryZones(ZoneRepository):
    """Zones within one unit of work."""

    def __init__(self, transaction: Transaction, scope: Scope) -> None:
        """Work within a transaction and a scope."""
        self._transaction = transaction
        self._scope = scope

    async def add(self, zone: Zone) -> None:
        """Store a new zone."""
        await self._take_name(zone)
        self._transaction.zones.add(zone.id, zone)

    async def get(self, zone_id: UUID) -> Zone | None:
        """Return a zone, locked until the unit ends."""
        await self._transaction.lock("zone", zone_id)
        zone = self._transaction.zones.get(zone_id)
        return zone if zone and self._scope.holds_zone(zone) else None

    async def replace(self, zone: Zone) -> None:
        """Store a changed zone."""
        await self._transaction.step()
        self._transaction.require("zone", zone.id, self._transaction.zones)
        await self._take_name(zone)
        self._transaction.zones.put(zone.id, zone)

    async def version_in_force(self, zone_id: UUID) -> int | None:
        """Return an active zone's version and keep it in force until the unit ends."""
        await self._transaction.lock("zone", zone_id, LockMode.SHARED)
        zone = self._transaction.zones.get(zone_id)
        if zone is None or zone.status is not ZoneStatus.ACTIVE:
            return None
        return zone.version

    async def _take_name(self, zone: Zone) -> None:
        draft = self._transaction.zones
        before = draft.get(zone.id)
        names = {_name_of(zone)} | ({_name_of(before)} if before else set())
        # The name that is given up is locked too: until the unit ends it may come back.
        for locked in sorted(names, key=str):
            await self._transaction.lock("zone name", locked)
        if any(other.id != zone.id for other in draft.where("name", _name_of(zone))):
            taken = ZoneNameTaken("The operator has another zone of this name.")
            raise self._transaction.refuse(taken)


class MemoryZoneReader(ZoneReader):
    """Committed zones."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def get(self, zone_id: UUID, scope: Scope = EVERYTHING) -> Zone | None:
        """Return a zone."""
        zone = self._store.zones.get(zone_id)
        return zone if zone and scope.holds_zone(zone) else None

    async def page(
        self, wanted: ZoneFilter, request: PageRequest[ZoneOrder], scope: Scope = EVERYTHING
    ) -> Page[Zone]:
        """Return a page of zones."""
        rows = (
            zone
            for zone in self._store.zones.all()
            if _is_wanted(zone, wanted) and scope.holds_zone(zone)
        )
        return page_of(rows, request, _by_name if request.order is ZoneOrder.NAME else _by_age)


def _is_wanted(zone: Zone, wanted: ZoneFilter) -> bool:
    return (
        wanted.operator in (None, zone.operator)
        and wanted.franchise_id in (None, zone.franchise_id)
        and wanted.status in (None, zone.status)
        and wanted.time_zone in (None, zone.time_zone)
        and (wanted.name is None or fold_name(zone.name).startswith(fold_name(wanted.name)))
    )


def _name_of(zone: Zone) -> tuple[UUID | None, str]:
    return zone.franchise_id, fold_name(zone.name)


def _by_name(zone: Zone) -> Position:
    return Position(fold_name(zone.name), zone.id)


def _by_age(zone: Zone) -> Position:
    return Position(zone.created_at, zone.id)
