"""What the demo asks for: a network of real places, trainers, bookings of every kind."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import cache
from itertools import combinations
from uuid import UUID

import pytest

from muster.domain.bookings import BookingStatus, ClassType, DeliveryMode
from muster.domain.geography import distance_metres
from muster.domain.names import fold_name
from muster.runtime.demo.counts import MOST, crowds_of
from muster.runtime.demo.courses import COURSES
from muster.runtime.demo.network import NetworkPlan, plan_network
from muster.runtime.demo.places import NOWHERE, Place, cities
from muster.runtime.demo.roster import OpenZone, TrainerRecord, staff_zone
from muster.runtime.demo.scenario import Group, lonely_zones, plan_bookings

TODAY = date(2026, 11, 21)


@cache
def places() -> list[Place]:
    return cities()


@cache
def network() -> NetworkPlan:
    return plan_network(places())


def bookings(count: int, seed: int = 1) -> list[Group]:
    zones = network().zones
    lonely = lonely_zones(zones, crowds_of(count))
    return plan_bookings(count, zones, lonely, places(), TODAY, random.Random(seed))


def test_the_network_spans_the_world() -> None:
    zones = network().zones
    assert len(zones) >= 500
    assert len({zone.centre.country for zone in zones}) >= 200
    assert len({zone.centre.time_zone for zone in zones}) >= 200
    assert len({(zone.franchise, fold_name(zone.name)) for zone in zones}) == len(zones)
    operators = Counter(zone.franchise is None for zone in zones)
    assert min(operators.values()) >= 50
    overlapping = [
        pair
        for pair in combinations(zones, 2)
        if pair[0].franchise != pair[1].franchise
        and distance_metres(pair[0].centre.point, pair[1].centre.point)
        < (pair[0].radius_km + pair[1].radius_km) * 1000
    ]
    assert overlapping


def test_nobody_serves_the_poles_and_the_oceans() -> None:
    for place in NOWHERE:
        for zone in network().zones:
            away = distance_metres(place.point, zone.centre.point)
            assert away > zone.radius_km * 1000


@pytest.mark.parametrize("count", [1, 3, 4, 12, 40, MOST])
def test_there_are_as_many_bookings_as_asked_for(count: int) -> None:
    attempts = [attempt for group in bookings(count) for attempt in group.attempts]
    assert sorted(attempt.number for attempt in attempts) == list(range(1, count + 1))


def test_every_kind_and_every_outcome_is_among_twelve() -> None:
    groups = bookings(12)
    assert {outcome for group in groups for outcome in group.outcomes} == {
        BookingStatus.ASSIGNED,
        BookingStatus.WAITLISTED,
        BookingStatus.SERVICE_NOT_AVAILABLE,
    }
    kinds = {
        (attempt.body["classType"], attempt.body["deliveryMode"])
        for group in groups
        for attempt in group.attempts
    }
    every = {(kind.value, mode.value) for kind in ClassType for mode in DeliveryMode}
    assert kinds == every - {("HYBRID", "SUNDAY_ONLY")}


def test_the_same_seed_asks_for_the_same() -> None:
    assert bookings(40, seed=5) == bookings(40, seed=5)
    assert bookings(40, seed=5) != bookings(40, seed=6)


def staff(*, alone: bool) -> list[TrainerRecord]:
    centre = network().zones[0].centre.point
    zone = OpenZone(UUID(int=1), None, centre, 10)
    franchise = UUID(int=2)
    chance = random.Random(3)
    return list(staff_zone(zone, chance, TODAY, alone=alone, others=[None, franchise]))


def test_every_course_has_somebody_who_can_always_teach_it() -> None:
    always = staff(alone=False)[:2]
    assert {course for one in always for course in one["certifiedCourses"]} == {
        str(course) for course in COURSES.values()
    }
    assert all("weeklyHours" not in one and "leave" not in one for one in always)


def test_some_must_be_refused() -> None:
    trainers = staff(alone=False)
    assert any(not one["active"] for one in trainers)
    assert any(len(one["certifiedCourses"]) > 3 for one in trainers)
    assert any(one["franchiseId"] == str(UUID(int=2)) for one in trainers)
    assert any("leave" in one for one in trainers)
    assert len(staff(alone=True)) == 1
