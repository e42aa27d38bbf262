"""The bookings of the demo, and what must become of each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.domain.bookings import BookingStatus, ClassType, DeliveryMode
from muster.domain.geography import distance_metres
from muster.runtime.demo.counts import CROWD, unserved_of
from muster.runtime.demo.courses import COURSES
from muster.runtime.demo.network import ZonePlan
from muster.runtime.demo.places import NOWHERE, Place, within

__all__ = ["Attempt", "Group", "lonely_zones", "plan_bookings"]

_KINDS = tuple(
    [(kind, mode) for mode in DeliveryMode for kind in ClassType if kind is not ClassType.HYBRID]
    + [(ClassType.HYBRID, DeliveryMode.DAILY)]
)
_STUDENTS = {ClassType.ONE_ON_ONE: 1, ClassType.ONE_ON_TWO: 2, ClassType.ONE_ON_THREE: 3}
_TIMES = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 19) for minute in (0, 30))
_NAMES = ("Aarav", "Amara", "Diego", "Emma", "Hugo", "Ines", "Jun", "Leila", "Mira", "Noah")
_SAFE_PART = 0.9

Body = dict[str, Any]


class Attempt(Struct, frozen=True):
    """One booking to place.

    Attributes:
        number: From 1, as the table shows it.
        place: Where the student lives.
        body: What is posted.
    """

    number: int
    place: Place
    body: Body


class Group(Struct, frozen=True):
    """Bookings that are placed at the same time, and what must become of them together.

    Attributes:
        attempts: The bookings.
        outcomes: One for each, in any order.
    """

    attempts: tuple[Attempt, ...]
    outcomes: tuple[BookingStatus, ...]


def lonely_zones(zones: Sequence[ZonePlan], count: int) -> list[int]:
    """Return zones, by their places in the plan, that overlap with no other.

    Args:
        zones: The plan.
        count: How many are wanted.
    """
    found: list[int] = []
    for place, zone in enumerate(zones):
        if len(found) == count:
            break
        if not any(
            other is not zone
            and distance_metres(zone.centre.point, other.centre.point)
            <= (zone.radius_km + other.radius_km) * 1000
            for other in zones
        ):
            found.append(place)
    return found


def plan_bookings(
    count: int,
    zones: Sequence[ZonePlan],
    lonely: Sequence[int],
    cities: Sequence[Place],
    today: date,
    chance: random.Random,
) -> list[Group]:
    """Plan bookings of every class type and delivery mode.

    Args:
        count: How many.
        zones: The zones that are open.
        lonely: Zones with one trainer, each for a crowd that wants the same hours.
        cities: Real places, for students to live in.
        today: The real date in UTC.
        chance: The random source; the same state gives the same bookings.
    """
    planner = _Planner(zones, lonely, cities, today, chance)
    groups = [planner.crowd(place) for place in lonely]
    outside = unserved_of(count)
    groups += planner.served(count - outside - CROWD * len(lonely))
    groups += [planner.unserved(place) for place in islice(cycle(NOWHERE), outside)]
    chance.shuffle(groups)
    return _numbered(groups)


class _Planner:
    def __init__(
        self,
        zones: Sequence[ZonePlan],
        lonely: Sequence[int],
        cities: Sequence[Place],
        today: date,
        chance: random.Random,
    ) -> None:
        self._zones = zones
        self._used = set(lonely)
        self._cities = cities
        self._today = today
        self._chance = chance
        self._kinds = cycle(_KINDS)

    def crowd(self, zone: int) -> Group:
        """Several want the only trainer of a zone at the same time."""
        start, clock = self._start(), self._chance.choice(_TIMES)
        course = next(iter(COURSES.values()))
        place = self._zones[zone].centre
        kind = ClassType.ONE_ON_ONE, DeliveryMode.DAILY
        attempts = tuple(
            Attempt(0, place, self._body(place, kind, course, start, clock)) for _ in range(CROWD)
        )
        losers = (BookingStatus.WAITLISTED,) * (CROWD - 1)
        return Group(attempts, (BookingStatus.ASSIGNED, *losers))

    def served(self, count: int) -> list[Group]:
        """Each in a zone of its own, where somebody is free."""
        order = list(range(len(self._zones)))
        self._chance.shuffle(order)
        homes = (home for zone in order if (home := self._home_in(zone)) is not None)
        return [self._alone(home, BookingStatus.ASSIGNED) for home in islice(homes, count)]

    def unserved(self, place: Place) -> Group:
        """Where no zone is."""
        return self._alone(place, BookingStatus.SERVICE_NOT_AVAILABLE)

    def _alone(self, place: Place, outcome: BookingStatus) -> Group:
        course = self._chance.choice(list(COURSES.values()))
        clock = self._chance.choice(_TIMES)
        body = self._body(place, next(self._kinds), course, self._start(), clock)
        return Group((Attempt(0, place, body),), (outcome,))

    def _home_in(self, zone: int) -> Place | None:
        """A real place in a zone whose trainers no other booking wants, if there is one."""
        if zone in self._used:
            return None
        plan = self._zones[zone]
        inside = list(within(self._cities, plan.centre.point, plan.radius_km * _SAFE_PART))
        home = self._chance.choice(inside)
        covering = {
            number
            for number, other in enumerate(self._zones)
            if distance_metres(home.point, other.centre.point) <= other.radius_km * 1000
        }
        if covering & self._used or not all(self._is_safe(home, self._zones[n]) for n in covering):
            return None
        self._used |= covering
        return home

    def _is_safe(self, home: Place, zone: ZonePlan) -> bool:
        away = distance_metres(home.point, zone.centre.point)
        # Nearer to the centre than the trainers there are from it to the border.
        return away <= zone.radius_km * 1000 * _SAFE_PART

    def _start(self) -> date:
        return self._today + timedelta(days=self._chance.randint(2, 28))

    def _body(
        self,
        place: Place,
        kind: tuple[ClassType, DeliveryMode],
        course: UUID,
        start: date,
        clock: str,
    ) -> Body:
        chance = self._chance
        class_type, mode = kind
        hybrid = class_type is ClassType.HYBRID
        students = chance.randint(1, 3) if hybrid else _STUDENTS[class_type]
        return {
            "courseId": str(course),
            "classType": class_type.value,
            "totalSessions": 30 if hybrid else chance.choice((10, 20, 30)),
            "deliveryMode": mode.value,
            "startDate": start.isoformat(),
            "preferredTimeSlot": clock,
            "studentLocation": {
                "latitude": place.point.latitude,
                "longitude": place.point.longitude,
            },
            "students": [
                {"id": str(UUID(int=chance.getrandbits(128), version=4)), "name": name}
                for name in chance.sample(_NAMES, students)
            ],
        }


def _numbered(groups: Sequence[Group]) -> list[Group]:
    numbered, number = [], 0
    for group in groups:
        attempts = []
        for attempt in group.attempts:
            number += 1
            body = {**attempt.body, "bookingReference": f"DEMO-{number:04}"}
            attempts.append(Attempt(number, attempt.place, body))
        numbered.append(Group(tuple(attempts), group.outcomes))
    return numbered
