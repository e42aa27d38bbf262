"""Zones and lookups as clients see them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.application.zones import CreateZone, EditZone
from muster.domain.zone_changes import ZoneChanges
from muster.domain.zone_choice import ZoneAtDistance, ZoneChoice, ZoneRule
from muster.domain.zones import Operator, Zone, ZoneStatus
from muster.http.shapes.common import Location, LocationShape, location_shape
from muster.http.shapes.fields import IdText, Name, Priority, RadiusKm, TimeZoneName, Version

__all__ = [
    "CoveringZone",
    "LookupShape",
    "NearestZoneShape",
    "NewZone",
    "ZonePatch",
    "ZoneShape",
    "lookup_shape",
    "zone_shape",
]


class NewZone(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A zone to open; the company's without a ``franchiseId``."""

    name: Name
    centre: Location
    radius_km: RadiusKm
    time_zone: TimeZoneName
    franchise_id: IdText | None = None
    priority: Priority = 0

    def command(self) -> CreateZone:
        """Return the command that this asks for."""
        return CreateZone(
            name=self.name,
            centre=self.centre.point(),
            radius_km=self.radius_km,
            time_zone=self.time_zone,
            franchise_id=UUID(self.franchise_id) if self.franchise_id else None,
            priority=self.priority,
        )


class ZonePatch(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What to change of a zone, and the version that was read; what is left out stays.

    Where assigned bookings would no longer fit, ``keepBookings`` must say that they may stay.
    """

    version: Version
    name: Name | UnsetType = UNSET
    centre: Location | UnsetType = UNSET
    radius_km: RadiusKm | UnsetType = UNSET
    time_zone: TimeZoneName | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    keep_bookings: bool = False

    def command(self, zone_id: UUID) -> EditZone:
        """Return the command that this asks for."""
        changes = ZoneChanges(
            version=self.version,
            name=self.name,
            centre=UNSET if self.centre is UNSET else self.centre.point(),
            radius_km=self.radius_km,
            time_zone=self.time_zone,
            priority=self.priority,
        )
        return EditZone(zone_id, changes, self.keep_bookings)


class ZoneShape(Struct, frozen=True, rename="camel"):
    """A zone."""

    id: UUID
    name: str
    franchise_id: UUID | None
    operator: Operator
    centre: LocationShape
    radius_km: float
    time_zone: str
    priority: int
    status: ZoneStatus
    version: int
    created_at: datetime
    updated_at: datetime


class CoveringZone(Struct, frozen=True, rename="camel"):
    """A zone that covers the place; metres to its centre."""

    id: UUID
    name: str
    operator: Operator
    priority: int
    radius_km: float
    distance_metres: float


class NearestZoneShape(Struct, frozen=True, rename="camel"):
    """The nearest zone where none covers the place; metres to its centre."""

    id: UUID
    name: str
    distance_metres: float


class LookupShape(Struct, frozen=True, rename="camel"):
    """Which zone serves a place, by which rule; the covering ones in order of choice."""

    zone: ZoneShape | None
    rule: ZoneRule
    covering: list[CoveringZone]
    nearest: NearestZoneShape | None


def zone_shape(zone: Zone) -> ZoneShape:
    """Show a zone."""
    return ZoneShape(
        id=zone.id,
        name=zone.name,
        franchise_id=zone.franchise_id,
        operator=zone.operator,
        centre=location_shape(zone.centre),
        radius_km=zone.radius_km,
        time_zone=zone.time_zone,
        priority=zone.priority,
        status=zone.status,
        version=zone.version,
        created_at=zone.created_at,
        updated_at=zone.updated_at,
    )


def lookup_shape(choice: ZoneChoice) -> LookupShape:
    """Show a lookup."""
    nearest = choice.nearest
    return LookupShape(
        zone=zone_shape(choice.chosen.zone) if choice.chosen else None,
        rule=choice.rule,
        covering=[_covering(hit) for hit in choice.covering],
        nearest=NearestZoneShape(nearest.zone.id, nearest.zone.name, nearest.distance_metres)
        if nearest
        else None,
    )


def _covering(hit: ZoneAtDistance) -> CoveringZone:
    zone = hit.zone
    return CoveringZone(
        id=zone.id,
        name=zone.name,
        operator=zone.operator,
        priority=zone.priority,
        radius_km=zone.radius_km,
        distance_metres=hit.distance_metres,
    )
