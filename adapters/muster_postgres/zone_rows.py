"""Zones as rows: the one place where a row becomes a zone, and a zone a row."""

from __future__ import annotations

import asyncpg

from muster.domain.geography import Point, reach_chord, unit_vector
from muster.domain.names import fold_name
from muster.domain.zones import Zone, ZoneStatus

__all__ = ["ZONE_COLUMNS", "zone_from", "zone_row"]

ZONE_COLUMNS = """id, name, folded_name, franchise_id, latitude, longitude, radius_km, time_zone,
    priority, status, version, created_at, updated_at"""
"""What ``zone_from`` reads."""


def zone_row(zone: Zone) -> tuple[object, ...]:
    """Return a zone's values, in the order in which the statements of ``zones`` take them.

    The last two are the centre on the unit sphere and the chord of the radius, from which
    the statements make the indexed cubes.
    """
    return (
        zone.id,
        zone.name,
        fold_name(zone.name),
        zone.franchise_id,
        zone.centre.latitude,
        zone.centre.longitude,
        zone.radius_km,
        zone.time_zone,
        zone.priority,
        zone.status.value,
        zone.version,
        zone.created_at,
        zone.updated_at,
        unit_vector(zone.centre),
        reach_chord(zone.radius_km),
    )


def zone_from(row: asyncpg.Record) -> Zone:
    """Return the zone of a row with ``ZONE_COLUMNS``."""
    return Zone(
        id=row["id"],
        name=row["name"],
        franchise_id=row["franchise_id"],
        centre=Point(row["latitude"], row["longitude"]),
        radius_km=row["radius_km"],
        time_zone=row["time_zone"],
        priority=row["priority"],
        status=ZoneStatus(row["status"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
