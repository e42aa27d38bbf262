"""Zones, trainers and purchases that fill a calendar without ever colliding."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from muster.domain.geography import Point
from muster.domain.zones import Zone, ZoneStatus

__all__ = ["COURSE", "TIME_ZONE", "Town", "request_body", "roster", "towns"]

TIME_ZONE = "Asia/Kolkata"
_NAMESPACE = UUID("6c0a2f51-6a40-4f0b-8d1f-7a9a2c1f5e10")
COURSE = uuid5(_NAMESPACE, "course")
"""The course that everybody buys."""

_HOURS = range(6, 22)
_FIRST_DAY = timedelta(days=10)
_DAYS = 340
"""Courses begin within these days, which the horizon of a purchase allows."""


class Town(Struct, frozen=True):
    """A zone with trainers of its own; far from the next one."""

    number: int

    @property
    def zone_id(self) -> UUID:
        """The zone's id, the same in every database."""
        return uuid5(_NAMESPACE, f"zone {self.number}")

    @property
    def centre(self) -> Point:
        """The zone's centre."""
        return Point(-40.0 + self.number // 16 * 2, -80.0 + self.number % 16 * 2)

    def zone(self) -> Zone:
        """Return the zone as the database keeps it."""
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return Zone(
            id=self.zone_id,
            name=f"Town {self.number}",
            franchise_id=None,
            centre=self.centre,
            radius_km=12.0,
            time_zone=TIME_ZONE,
            priority=0,
            status=ZoneStatus.ACTIVE,
            version=1,
            created_at=now,
            updated_at=now,
        )

    def trainer_ids(self, candidates: int) -> list[UUID]:
        """Return the ids of the town's first trainers."""
        return [uuid5(_NAMESPACE, f"trainer {self.number}/{place}") for place in range(candidates)]


def towns(candidates: int) -> list[Town]:
    """Return as many towns as a server remembers trainers for, at most 64.

    A server holds 20,000 trainers in memory by default, so that with 1,000 candidates it
    is 16 towns; with more it would ask the trainer service for nearly every booking.
    """
    return [Town(number) for number in range(min(64, max(1, 16_000 // candidates)))]


def roster(places: list[Town], candidates: int) -> bytes:
    """Return the trainers of some towns, as the sample trainer service takes them."""
    chance = Random(4711)
    trainers = [
        {
            "id": str(id_),
            "name": "Meera Nair",
            "active": True,
            "franchiseId": None,
            "zoneIds": [str(town.zone_id)],
            "certifiedCourses": [str(COURSE)],
            "location": {
                "latitude": town.centre.latitude + chance.uniform(-0.07, 0.07),
                "longitude": town.centre.longitude + chance.uniform(-0.07, 0.07),
            },
            "updatedAt": "2026-11-20T08:00:00Z",
        }
        for town in places
        for id_ in town.trainer_ids(candidates)
    ]
    return msgspec.json.encode(trainers)


def request_body(number: int, places: list[Town], sessions: int) -> bytes:
    """Return the purchase of a number: each has town, hours and days of its own.

    One number after the other goes to the next town, then to the next hour, then to the
    next stretch of days. So no two numbers ask for the same time of a town, and each could
    be assigned even if the town had one trainer.

    Raises:
        ValueError: The calendar of all towns has no room for so many.
    """
    turn, place = divmod(number, len(places))
    stretch, hour = divmod(turn, len(_HOURS))
    if stretch * sessions > _DAYS:
        raise ValueError(f"there is no room for booking {number}")
    start = datetime.now(UTC).date() + _FIRST_DAY + timedelta(days=stretch * sessions)
    return msgspec.json.encode(_purchase(places[place], sessions, start, _HOURS[hour], number))


def _purchase(town: Town, sessions: int, start: date, hour: int, number: int) -> dict[str, Any]:
    return {
        "courseId": str(COURSE),
        "classType": "ONE_ON_ONE",
        "totalSessions": sessions,
        "deliveryMode": "DAILY",
        "startDate": start.isoformat(),
        "preferredTimeSlot": f"{hour:02}:00",
        "studentLocation": {
            "latitude": town.centre.latitude + 0.01,
            "longitude": town.centre.longitude + 0.01,
        },
        "students": [{"id": str(uuid5(_NAMESPACE, f"student {number}")), "name": "Asha Rao"}],
    }
