"""Zones: who operates them, how they are named, what they cover."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import Fault
from muster.domain.geography import Point, chord_between, reach_chord
from muster.domain.local_time import is_time_zone

__all__ = [
    "MAX_RADIUS_KM",
    "Operator",
    "Zone",
    "ZoneStatus",
    "covers",
    "faults_of_zone",
    "operator_of",
]

MAX_RADIUS_KM = 500.0
"""The largest radius a zone may have, in kilometres."""


class Operator(Enum):
    """Who runs a zone."""

    COMPANY = "COMPANY"
    FRANCHISE = "FRANCHISE"


def operator_of(franchise_id: UUID | None) -> Operator:
    """Return who runs what belongs to a franchise, or to none."""
    return Operator.COMPANY if franchise_id is None else Operator.FRANCHISE


class ZoneStatus(Enum):
    """Whether a zone takes new bookings."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class Zone(Struct, frozen=True):
    """A circle on the earth that one operator serves.

    Attributes:
        id: UUIDv7.
        name: As shown; unique for its operator once folded.
        franchise_id: The franchise that runs it; ``None`` when the company does.
        centre: The middle of the circle.
        radius_km: Kilometres, above 0 and at most ``MAX_RADIUS_KM``.
        time_zone: IANA key; the local time of every session here.
        priority: The higher one wins where zones overlap.
        status: ``ARCHIVED`` zones cover nothing.
        version: Grows by one with each change, from 1.
        created_at: UTC instant.
        updated_at: UTC instant.
    """

    id: UUID
    name: str
    franchise_id: UUID | None
    centre: Point
    radius_km: float
    time_zone: str
    priority: int
    status: ZoneStatus
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def operator(self) -> Operator:
        """Who runs it; follows from ``franchise_id``."""
        return operator_of(self.franchise_id)


def faults_of_zone(zone: Zone) -> list[Fault]:
    """Return what a zone may not be: too large or of no size, off the earth, without a clock."""
    faults = []
    if not 0 < zone.radius_km <= MAX_RADIUS_KM:
        faults.append(
            Fault("radiusKm", "INVALID", f"A radius is above 0 and at most {MAX_RADIUS_KM:g} km.")
        )
    if not (abs(zone.centre.latitude) <= 90 and abs(zone.centre.longitude) <= 180):
        faults.append(Fault("centre", "INVALID", "This is no place on the earth."))
    if not is_time_zone(zone.time_zone):
        faults.append(Fault("timeZone", "INVALID", "There is no such IANA time zone."))
    return faults


def covers(zone: Zone, point: Point) -> bool:
    """Return whether an active zone's circle holds the place, border included."""
    if zone.status is not ZoneStatus.ACTIVE:
        return False
    return chord_between(zone.centre, point) <= reach_chord(zone.radius_km)
