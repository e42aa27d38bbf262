"""Use cases for zones: open, edit, archive, show, list, look up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster.application.access import Forbidden, Permission
from muster.application.deeds import change_between
from muster.application.errors import InvalidRequest, NotFound
from muster.application.identifiers import Identifiers
from muster.application.use_case import Deed, DirectCommandCase, QueryCase, Request, Work
from muster.domain.errors import Fault
from muster.domain.events import ZoneArchived, ZoneChanged, ZoneCreated
from muster.domain.geography import Point
from muster.domain.names import tidy_name
from muster.domain.scopes import Scope
from muster.domain.zone_changes import ZoneChanges, archived, changed, may_open_zones
from muster.domain.zone_choice import ZoneChoice, choose_zone
from muster.domain.zone_impact import refuse_to_leave_behind
from muster.domain.zones import Zone, ZoneStatus, faults_of_zone
from muster.ports.paging import Page, PageRequest
from muster.ports.zones import ZoneFilter, ZoneLocator, ZoneOrder, ZoneReader

__all__ = [
    "ArchiveZone",
    "ArchivesZone",
    "CreateZone",
    "CreatesZone",
    "EditZone",
    "EditsZone",
    "GetZone",
    "GetsZone",
    "ListZones",
    "ListsZones",
    "LookUpZone",
    "LooksUpZone",
    "refuse_impossible",
]


class CreateZone(Request[Zone], frozen=True):
    """Open a zone; the company's where ``franchise_id`` is ``None``. Radius in kilometres."""

    name: str
    centre: Point
    radius_km: float
    time_zone: str
    franchise_id: UUID | None = None
    priority: int = 0


class EditZone(Request[Zone], frozen=True):
    """Change a zone.

    Attributes:
        zone_id: Which.
        changes: New values.
        keep_bookings: Assigned bookings that the change leaves outside may stay so.
    """

    zone_id: UUID
    changes: ZoneChanges
    keep_bookings: bool = False


class ArchiveZone(Request[Zone], frozen=True):
    """Close a zone to new bookings.

    Attributes:
        zone_id: Which.
        keep_bookings: Its assigned bookings may go on without it.
    """

    zone_id: UUID
    keep_bookings: bool = False


class GetZone(Request[Zone], frozen=True):
    """Show a zone."""

    zone_id: UUID


class ListZones(Request[Page[Zone]], frozen=True):
    """List zones."""

    wanted: ZoneFilter
    page: PageRequest[ZoneOrder]


class LookUpZone(Request[ZoneChoice], frozen=True):
    """Which zone serves a place, and why."""

    point: Point


class CreatesZone(DirectCommandCase[CreateZone]):
    """Opens a zone under a name that no other zone of its operator has."""

    handles = CreateZone
    permission = Permission.ZONES_WRITE

    def __init__(self, identifiers: Identifiers) -> None:
        """Make identifiers from this source."""
        self._identifiers = identifiers

    async def perform(self, command: CreateZone, prepared: None, work: Work) -> Zone:
        """Store the zone."""
        if not work.principal.scope.holds_franchise(command.franchise_id):
            raise Forbidden("Zones of another operator are not yours to open.")
        if command.franchise_id is not None:
            await _hold_to_franchise(command.franchise_id, work)
        zone = Zone(
            id=self._identifiers.new(),
            name=tidy_name(command.name),
            franchise_id=command.franchise_id,
            centre=command.centre,
            radius_km=command.radius_km,
            time_zone=command.time_zone,
            priority=command.priority,
            status=ZoneStatus.ACTIVE,
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
        refuse_impossible(zone)
        await work.unit.zones.add(zone)
        work.record(ZoneCreated(zone.id, zone.version), _deed(None, zone))
        return zone


class EditsZone(DirectCommandCase[EditZone]):
    """Changes a zone that its editor has seen as it is."""

    handles = EditZone
    permission = Permission.ZONES_WRITE

    async def perform(self, command: EditZone, prepared: None, work: Work) -> Zone:
        """Store the change, if it is one."""
        zone = await _zone_to_change(command.zone_id, work)
        edited = changed(zone, command.changes, work.now)
        if edited is not zone:
            refuse_impossible(edited)
            if not command.keep_bookings:
                await _leave_nobody_behind(zone, edited, work)
            await work.unit.zones.replace(edited)
            work.record(ZoneChanged(edited.id, edited.version), _deed(zone, edited))
        return edited


class ArchivesZone(DirectCommandCase[ArchiveZone]):
    """Closes a zone to new bookings."""

    handles = ArchiveZone
    permission = Permission.ZONES_WRITE

    async def perform(self, command: ArchiveZone, prepared: None, work: Work) -> Zone:
        """Store the archived zone, unless it is archived already."""
        zone = await _zone_to_change(command.zone_id, work)
        closed = archived(zone, work.now)
        if closed is not zone:
            if not command.keep_bookings:
                await _leave_nobody_behind(zone, closed, work)
            await work.unit.zones.replace(closed)
            work.record(ZoneArchived(closed.id, closed.version), _deed(zone, closed))
        return closed


class GetsZone(QueryCase[GetZone]):
    """Shows a zone."""

    handles = GetZone
    permission = Permission.ZONES_READ

    def __init__(self, zones: ZoneReader) -> None:
        """Read from this reader."""
        self._zones = zones

    async def answer(self, query: GetZone, scope: Scope) -> Zone:
        """Return the zone."""
        zone = await self._zones.get(query.zone_id, scope)
        if zone is None:
            raise NotFound("zone", query.zone_id)
        return zone


class ListsZones(QueryCase[ListZones]):
    """Lists zones."""

    handles = ListZones
    permission = Permission.ZONES_READ

    def __init__(self, zones: ZoneReader) -> None:
        """Read from this reader."""
        self._zones = zones

    async def answer(self, query: ListZones, scope: Scope) -> Page[Zone]:
        """Return the page."""
        return await self._zones.page(query.wanted, query.page, scope)


class LooksUpZone(QueryCase[LookUpZone]):
    """Finds the zone that serves a place."""

    handles = LookUpZone
    permission = Permission.ZONES_LOOK_UP

    def __init__(self, locator: ZoneLocator) -> None:
        """Ask this locator."""
        self._locator = locator

    async def answer(self, query: LookUpZone, scope: Scope) -> ZoneChoice:
        """Return the choice with every covering zone."""
        around = await self._locator.around(query.point)
        return choose_zone(query.point, around.covering, around.nearest)


async def _hold_to_franchise(franchise_id: UUID, work: Work) -> None:
    franchise = await work.unit.franchises.get(franchise_id)
    if franchise is None:
        raise InvalidRequest(
            Fault("franchiseId", "UNKNOWN_FRANCHISE", f"There is no franchise {franchise_id}.")
        )
    may_open_zones(franchise)


async def _zone_to_change(zone_id: UUID, work: Work) -> Zone:
    zone = await work.unit.zones.get(zone_id)
    if zone is None:
        raise NotFound("zone", zone_id)
    return zone


async def _leave_nobody_behind(before: Zone, after: Zone, work: Work) -> None:
    future = await work.unit.bookings.future_of_zone(before.id, work.now)
    refuse_to_leave_behind(before, after, future)


def refuse_impossible(zone: Zone) -> None:
    """Refuse what no zone may be.

    Raises:
        InvalidRequest: With every fault.
    """
    if faults := faults_of_zone(zone):
        raise InvalidRequest(*faults)


def _deed(before: Zone | None, after: Zone) -> Deed:
    return Deed(
        subject_kind="zone",
        subject_id=after.id,
        franchise_id=after.franchise_id,
        change=change_between(None if before is None else _audited(before), _audited(after)),
    )


def _audited(zone: Zone) -> dict[str, Any]:
    return {
        "name": zone.name,
        "centre": [zone.centre.latitude, zone.centre.longitude],
        "radiusKm": zone.radius_km,
        "timeZone": zone.time_zone,
        "priority": zone.priority,
        "status": zone.status.value,
        "version": zone.version,
    }
