"""Distance and cover against vectors in space: the angle is atan2(|a x b|, a . b)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from muster.domain.geography import (
    EARTH_RADIUS_METRES,
    Point,
    chord_between,
    distance_metres,
    metres_of_chord,
    reach_chord,
    unit_vector,
)
from muster.domain.zones import MAX_RADIUS_KM, Zone, ZoneStatus, covers
from tests.strategies import points, points_near, zones

HALF_WAY_ROUND = math.pi * 6_371_009
NORTH, SOUTH = Point(90.0, 0.0), Point(-90.0, 0.0)


@dataclass(frozen=True)
class Space:
    """A place as a vector, turned from the pole: another road than the code's."""

    x: float
    y: float
    z: float

    @classmethod
    def of(cls, point: Point) -> Space:
        from_pole = math.pi / 2 - math.radians(point.latitude)
        turned = math.radians(point.longitude)
        ring = math.sin(from_pole)
        return cls(ring * math.cos(turned), ring * math.sin(turned), math.cos(from_pole))

    def cross(self, other: Space) -> Space:
        return Space(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )

    def metres_to(self, other: Space) -> float:
        across = self.cross(other)
        sine = math.hypot(across.x, across.y, across.z)
        return 6_371_009 * math.atan2(sine, self.dot(other))

    def dot(self, other: Space) -> float:
        return math.fsum((self.x * other.x, self.y * other.y, self.z * other.z))


def metres(one: Point, other: Point) -> float:
    return Space.of(one).metres_to(Space.of(other))


def at_distance(centre: Point, away: float, bearing: float) -> Point:
    """Return the place that lies so many metres off, by turning the centre's vector."""
    c = Space.of(centre)
    turned = math.radians(centre.longitude)
    east = Space(-math.sin(turned), math.cos(turned), 0.0)
    north = c.cross(east)
    angle = away / 6_371_009
    x, y, z = (
        math.cos(angle) * a + math.sin(angle) * (math.cos(bearing) * n + math.sin(bearing) * e)
        for a, n, e in ((c.x, north.x, east.x), (c.y, north.y, east.y), (c.z, north.z, east.z))
    )
    return Point(math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x)))


def slack(away: float) -> float:
    """Return how exact a haversine can be: to the micrometre, but decimetres near antipodes."""
    return 1e-6 if away < HALF_WAY_ROUND * 0.99 else 0.5


@given(points(), points())
@example(NORTH, SOUTH)
@example(NORTH, Point(90.0, 123.0))
@example(Point(0.0, 180.0), Point(0.0, -180.0))
@example(Point(0.0, 179.9999999), Point(0.0, -179.9999999))
@example(Point(12.5, 10.0), Point(-12.5, -170.0))
def test_distance_is_the_angle_between_two_vectors(one: Point, other: Point) -> None:
    """ "great-circle distance (haversine, R = 6,371,009 m)"; never NaN, not even at antipodes."""
    told = distance_metres(one, other)
    assert told == pytest.approx(metres(one, other), abs=slack(told), rel=1e-9)
    assert 0 <= told <= HALF_WAY_ROUND * (1 + 1e-15)
    assert told == distance_metres(other, one)


@given(points())
def test_a_place_is_exactly_at_itself(point: Point) -> None:
    """ "Right at the centre ... never NaN"."""
    assert distance_metres(point, point) == 0.0
    antipode = Point(-point.latitude, point.longitude - math.copysign(180, point.longitude))
    assert distance_metres(point, antipode) == pytest.approx(HALF_WAY_ROUND, abs=0.5)
    assert chord_between(point, antipode) <= 2


@given(points().flatmap(lambda centre: st.tuples(st.just(centre), points_near(centre))))
def test_near_places_are_told_apart_to_the_micrometre(two: tuple[Point, Point]) -> None:
    """Bands of 3 and 5 km need exact short distances, across poles and antimeridian too."""
    assert distance_metres(*two) == pytest.approx(metres(*two), abs=2e-6)


@given(points(), points())
def test_the_chord_is_the_straight_line_between_the_unit_vectors(one: Point, other: Point) -> None:
    """ "compare the Euclidean chord, which orders like the great-circle distance"."""
    a, b = unit_vector(one), unit_vector(other)
    assert math.hypot(*a) == pytest.approx(1, abs=1e-15)
    assert math.dist(a, b) == pytest.approx(chord_between(one, other), abs=1e-15)
    space = Space.of(one)
    assert a == pytest.approx((space.x, space.y, space.z), abs=1e-15)


@given(st.floats(0, 2.000000001))
def test_metres_of_a_chord_need_the_least(chord: float) -> None:
    """ "metres are `2R·asin(least(1, chord/2))`; antipodal rounding needs the `least`"."""
    half = min(1.0, chord / 2)
    angle = math.atan2(half, math.sqrt((1 - half) * (1 + half)))
    assert metres_of_chord(chord) == pytest.approx(2 * EARTH_RADIUS_METRES * angle, rel=1e-12)


@given(st.floats(1e-3, MAX_RADIUS_KM))
def test_the_reach_is_the_chord_of_the_radius_and_a_hair(radius_km: float) -> None:
    """ "enlarged by the chord `2·sin(radius/2R)`", "by 1e-12"."""
    metres_of_reach = metres_of_chord(reach_chord(radius_km))
    assert metres_of_reach > radius_km * 1000
    assert metres_of_reach == pytest.approx(radius_km * 1000, abs=1e-5)


@given(zones(), st.data())
def test_a_zone_covers_what_lies_within_its_radius(zone: Zone, data: st.DataObject) -> None:
    """ "its great-circle distance ... is at most its radius"; an archived one covers nothing."""
    point = data.draw(points() | points_near(zone.centre, zone.radius_km / 100))
    away = metres(zone.centre, point)
    assume(abs(away - zone.radius_km * 1000) > 2e-5)
    within = away < zone.radius_km * 1000
    assert covers(zone, point) is (within and zone.status is ZoneStatus.ACTIVE)


@given(zones(), st.floats(0, 2 * math.pi))
def test_the_border_is_included_and_ends_there(zone: Zone, bearing: float) -> None:
    """ "border included", in every direction, at poles and antimeridian too."""
    assume(zone.status is ZoneStatus.ACTIVE)
    radius = zone.radius_km * 1000
    assert covers(zone, at_distance(zone.centre, radius, bearing))
    assert not covers(zone, at_distance(zone.centre, radius + 1e-3, bearing))
    assert covers(zone, at_distance(zone.centre, radius - min(radius, 1e-3), bearing))


@given(zones())
def test_a_zone_covers_its_own_centre(zone: Zone) -> None:
    """ "Right at the centre ... it must answer correctly, never NaN"."""
    assert covers(zone, zone.centre) is (zone.status is ZoneStatus.ACTIVE)


@given(zones(st.sampled_from([NORTH, SOUTH])), st.floats(-180, 180), st.floats(0, 6))
def test_at_a_pole_the_longitude_does_not_matter(zone: Zone, longitude: float, off: float) -> None:
    """ "at the poles ... it must answer correctly"."""
    latitude = math.copysign(90 - off, zone.centre.latitude)
    assert covers(zone, Point(latitude, longitude)) is covers(zone, Point(latitude, 0.0))


@given(zones(), st.floats(-90, 90))
def test_the_antimeridian_is_one_line(zone: Zone, latitude: float) -> None:
    """ "across the antimeridian it must answer correctly": -180 and 180 are one place."""
    east, west = Point(latitude, 180.0), Point(latitude, -180.0)
    away = metres(zone.centre, east)
    assume(abs(away - zone.radius_km * 1000) > 2e-5)
    assert covers(zone, east) is covers(zone, west)
