"""The trainers of the demo: some who can always teach, and some who must be refused."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import Point
from muster.runtime.demo.courses import COURSES

__all__ = ["OpenZone", "TrainerRecord", "staff_zone"]

TrainerRecord = dict[str, Any]
"""A trainer as the bulk contract writes it."""

_KM_PER_DEGREE = 111.0
_GIVEN_NAMES = (
    "Aisha", "Ana", "Anil", "Chen", "Chidi", "Daniel", "Elif", "Fatima", "Grace", "Hana",
    "Ines", "Ivan", "Jonas", "Karim", "Kofi", "Lakshmi", "Lucia", "Mei", "Minh", "Nadia",
    "Omar", "Priya", "Ravi", "Sara", "Sofia", "Tariq", "Thabo", "Yuki", "Zeynep", "Zoe",
)  # fmt: skip
_FAMILY_NAMES = (
    "Abebe", "Almeida", "Bauer", "Chowdhury", "Costa", "Demir", "Diallo", "Fischer", "Garcia",
    "Haddad", "Ito", "Ivanov", "Jensen", "Khan", "Kim", "Kumar", "Lopez", "Mensah", "Moreau",
    "Nguyen", "Novak", "Okafor", "Park", "Rao", "Reddy", "Rossi", "Silva", "Singh", "Wang",
)  # fmt: skip
_MORNINGS = [{"weekday": day, "from": "07:00", "to": "12:00"} for day in range(1, 8)]
_OFFICE_HOURS = [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 6)]


class OpenZone(Struct, frozen=True):
    """A zone that the API has opened, as far as its trainers must know it."""

    id: UUID
    franchise_id: UUID | None
    centre: Point
    radius_km: float


def staff_zone(
    zone: OpenZone,
    chance: random.Random,
    today: date,
    *,
    alone: bool,
    others: Sequence[UUID | None],
) -> Iterator[TrainerRecord]:
    """Yield the trainers of a zone.

    Two near the centre teach three courses each at any hour, so that every course can be
    taught to anybody in the zone. The others have hours, leave, a far home, too many
    certifications, another operator, or have left.

    Args:
        zone: Where they teach.
        chance: The random source; the same state gives the same trainers.
        today: From which leave is counted.
        alone: Whether one trainer for the first three courses is all there is.
        others: Other operators, who have trainers here that must not be assigned.
    """
    desk = _Desk(zone, chance)
    courses = list(COURSES.values())
    yield desk.hire(courses[:3], within=0.05)
    if alone:
        return
    yield desk.hire(courses[3:], within=0.05)
    yield desk.hire(desk.some(courses, 2), within=0.5, weeklyHours=_MORNINGS)
    yield desk.hire(desk.some(courses, 1), within=0.5, weeklyHours=_OFFICE_HOURS)
    away = {"from": str(today), "to": str(today + timedelta(days=60))}
    yield desk.hire(desk.some(courses, 3), within=0.4, leave=[away])
    yield desk.hire(desk.some(courses, 4), within=0.4)
    yield desk.hire(desk.some(courses, 2), within=3.0, beyond=2.0)
    yield desk.hire(desk.some(courses, 3), within=0.3, active=False)
    stranger = chance.choice([one for one in others if one != zone.franchise_id])
    yield desk.hire(
        desk.some(courses, 2), within=0.3, franchiseId=None if stranger is None else str(stranger)
    )


class _Desk:
    """Writes the records of one zone's trainers."""

    def __init__(self, zone: OpenZone, chance: random.Random) -> None:
        self._zone = zone
        self._chance = chance

    def some(self, courses: Sequence[UUID], count: int) -> list[UUID]:
        return self._chance.sample(courses, count)

    def hire(
        self, courses: Sequence[UUID], *, within: float, beyond: float = 0.0, **more: Any
    ) -> TrainerRecord:
        """Write one record; ``within`` and ``beyond`` count in radii from the centre."""
        chance, zone = self._chance, self._zone
        home = _moved(zone.centre, zone.radius_km * chance.uniform(beyond, within), chance)
        return {
            "id": str(UUID(int=chance.getrandbits(128), version=4)),
            "name": f"{chance.choice(_GIVEN_NAMES)} {chance.choice(_FAMILY_NAMES)}",
            "active": True,
            "franchiseId": None if zone.franchise_id is None else str(zone.franchise_id),
            "zoneIds": [str(zone.id)],
            "certifiedCourses": [str(course) for course in courses],
            "location": {"latitude": home.latitude, "longitude": home.longitude},
            **more,
        }


def _moved(point: Point, km: float, chance: random.Random) -> Point:
    """Return a point so far away, in any direction, well enough for a few kilometres."""
    direction = chance.uniform(0, 2 * math.pi)
    north = km * math.cos(direction) / _KM_PER_DEGREE
    shrink = max(math.cos(math.radians(point.latitude)), 0.1)
    east = km * math.sin(direction) / (_KM_PER_DEGREE * shrink)
    longitude = (point.longitude + east + 180) % 360 - 180
    return Point(round(min(max(point.latitude + north, -90.0), 90.0), 6), round(longitude, 6))
