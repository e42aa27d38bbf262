"""What may be changed of a zone, and what a zone becomes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace

from muster.domain.errors import IllegalState
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.domain.geography import Point
from muster.domain.names import tidy_name
from muster.domain.versions import expect_version
from muster.domain.zones import Zone, ZoneStatus

__all__ = ["ZoneChanges", "archived", "changed", "may_open_zones"]


class ZoneChanges(Struct, frozen=True):
    """New values for a zone; what is unset stays as it is.

    Attributes:
        version: The version that the author has read.
        name: As shown.
        centre: The middle of the circle.
        radius_km: Kilometres.
        time_zone: IANA key.
        priority: The higher one wins where zones overlap.
    """

    version: int
    name: str | UnsetType = UNSET
    centre: Point | UnsetType = UNSET
    radius_km: float | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET


def may_open_zones(franchise: Franchise) -> None:
    """Let only an active franchise open zones.

    Raises:
        IllegalState: It is suspended.
    """
    if franchise.status is not FranchiseStatus.ACTIVE:
        raise IllegalState("A suspended franchise opens no zones.")


def changed(zone: Zone, changes: ZoneChanges, now: datetime) -> Zone:
    """Return the zone with its new values; the same one where nothing differs.

    Raises:
        VersionConflict: The author has not seen the version in force.
        IllegalState: The zone is archived.
    """
    expect_version(zone.version, changes.version)
    if zone.status is ZoneStatus.ARCHIVED:
        raise IllegalState("An archived zone cannot be edited.")
    wanted: dict[str, Any] = {
        field: value
        for field, value in asdict(changes).items()
        if value is not UNSET and field != "version"
    }
    if "name" in wanted:
        wanted["name"] = tidy_name(wanted["name"])
    if all(getattr(zone, field) == value for field, value in wanted.items()):
        return zone
    return replace(zone, **wanted, version=zone.version + 1, updated_at=now)


def archived(zone: Zone, now: datetime) -> Zone:
    """Return the zone once archived; the same one where it already is."""
    if zone.status is ZoneStatus.ARCHIVED:
        return zone
    return replace(zone, status=ZoneStatus.ARCHIVED, version=zone.version + 1, updated_at=now)
