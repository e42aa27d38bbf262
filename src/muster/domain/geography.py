"""Distances on the earth, measured on a sphere of the mean radius."""

from __future__ import annotations

from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt

from msgspec import Struct

__all__ = [
    "EARTH_RADIUS_METRES",
    "Point",
    "Vector",
    "chord_between",
    "distance_metres",
    "distances_from",
    "metres_of_chord",
    "reach_chord",
    "unit_vector",
]

EARTH_RADIUS_METRES = 6_371_009.0
"""Mean radius of the earth (IUGG R1, rounded), in metres."""

_BORDER_SLACK = 1e-12
"""Added to a reach so that rounding never excludes the border; 6 micrometres on the ground."""

Vector = tuple[float, float, float]
"""A point on the unit sphere: ``(x, y, z)``, each from -1 to 1."""


class Point(Struct, frozen=True, gc=False):
    """A place on the earth in degrees (WGS 84 read as a sphere).

    Attributes:
        latitude: From -90 to 90, north positive.
        longitude: From -180 to 180, east positive.
    """

    latitude: float
    longitude: float


def unit_vector(point: Point) -> Vector:
    """Return the place on the unit sphere, where poles and antimeridian are ordinary."""
    latitude, longitude = radians(point.latitude), radians(point.longitude)
    return (
        cos(latitude) * cos(longitude),
        cos(latitude) * sin(longitude),
        sin(latitude),
    )


def chord_between(one: Point, other: Point) -> float:
    """Return the straight line between two places, in earth radii from 0 to 2.

    It is twice the root of the haversine, orders like the great-circle distance and
    is exact for places close together (Sinnott, "Virtues of the Haversine", 1984).
    """
    half_latitude = sin(radians(other.latitude - one.latitude) / 2)
    half_longitude = sin(radians(other.longitude - one.longitude) / 2)
    haversine = (
        half_latitude * half_latitude
        + cos(radians(one.latitude))
        * cos(radians(other.latitude))
        * half_longitude
        * half_longitude
    )
    return 2 * sqrt(min(1.0, max(0.0, haversine)))


def metres_of_chord(chord: float) -> float:
    """Return the great-circle distance, in metres, that a chord in earth radii spans."""
    return 2 * EARTH_RADIUS_METRES * asin(min(1.0, chord / 2))


def distance_metres(one: Point, other: Point) -> float:
    """Return the great-circle distance between two places, in metres."""
    return distances_from(one)(other)


def distances_from(place: Point) -> Callable[[Point], float]:
    """Return the function that tells how far other places are from one, in metres.

    The same formula as ``chord_between``, for a thousand trainers around one student: what
    depends on the one place alone is computed once.
    """
    latitude, longitude = place.latitude, place.longitude
    cosine, diameter = cos(radians(latitude)), 2 * EARTH_RADIUS_METRES

    def metres_to(other: Point) -> float:
        there = other.latitude
        half_latitude = sin(radians(there - latitude) / 2)
        half_longitude = sin(radians(other.longitude - longitude) / 2)
        haversine = (
            half_latitude * half_latitude
            + cosine * cos(radians(there)) * half_longitude * half_longitude
        )
        return diameter * asin(sqrt(haversine) if haversine < 1.0 else 1.0)

    return metres_to


def reach_chord(radius_km: float) -> float:
    """Return the chord, in earth radii, of a circle's radius in kilometres, border included."""
    return 2 * sin(radius_km * 1000 / (2 * EARTH_RADIUS_METRES)) + _BORDER_SLACK
