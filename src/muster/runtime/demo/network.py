"""The network of the demo: franchises, and zones around real cities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from muster.runtime.demo.places import Place

__all__ = ["ZONES", "FranchisePlan", "NetworkPlan", "ZonePlan", "plan_network"]

ZONES = 520
"""How many zones the demo opens."""

_CENTRAL_ZONES = 30
_FRANCHISES = 12
_LARGEST_PER_COUNTRY = 14
_RADII_KM = ((8_000_000, 40.0), (2_000_000, 25.0), (500_000, 15.0), (0, 10.0))
_CENTRAL_RADIUS_KM = 6.0


class FranchisePlan(Struct, frozen=True):
    """A franchise to admit."""

    name: str
    country: str
    time_zone: str


class ZonePlan(Struct, frozen=True):
    """A zone to open around a city.

    Attributes:
        name: Unique for its operator.
        centre: The city.
        radius_km: By the city's size.
        franchise: Place of its franchise in the plan; ``None`` is the company.
        priority: The higher one is chosen where zones overlap.
    """

    name: str
    centre: Place
    radius_km: float
    franchise: int | None
    priority: int = 0


class NetworkPlan(Struct, frozen=True):
    """All franchises and zones."""

    franchises: tuple[FranchisePlan, ...]
    zones: tuple[ZonePlan, ...]


def plan_network(cities: Sequence[Place]) -> NetworkPlan:
    """Plan zones for the largest cities of all countries.

    Every country's largest city has one; then come the largest of the world, at most a few
    of one country. In the countries with most zones every other one is a franchise's. In
    the middle of the largest cities the other operator has a small zone of its own, so that
    they overlap.

    Args:
        cities: The largest first.
    """
    centres = list(_centres(cities))
    franchises = _franchises(centres)
    by_country = {plan.country: place for place, plan in enumerate(franchises)}
    zones: dict[tuple[int | None, str], ZonePlan] = {}
    seen: Counter[str] = Counter()
    for city in centres:
        seen[city.country] += 1
        franchise = by_country.get(city.country) if seen[city.country] % 2 == 0 else None
        plan = ZonePlan(city.title, city, _radius_km(city), franchise)
        zones.setdefault((franchise, plan.name), plan)
    for rank, city in enumerate(centres[:_CENTRAL_ZONES]):
        franchise = by_country.get(city.country)
        name = f"{city.name} Centre, {city.country}"
        plan = ZonePlan(name, city, _CENTRAL_RADIUS_KM, franchise, priority=10 * (rank % 2))
        zones.setdefault((franchise, name), plan)
    return NetworkPlan(franchises, tuple(zones.values()))


def _centres(cities: Sequence[Place]) -> Iterator[Place]:
    taken: Counter[str] = Counter()
    left = ZONES - _CENTRAL_ZONES - len({city.country for city in cities})
    names = set()
    for city in cities:
        first = not taken[city.country]
        if not first and (left <= 0 or taken[city.country] >= _LARGEST_PER_COUNTRY):
            continue
        if city.title in names:
            continue
        names.add(city.title)
        taken[city.country] += 1
        left -= not first
        yield city


def _franchises(centres: Sequence[Place]) -> tuple[FranchisePlan, ...]:
    largest = {city.country: city for city in reversed(centres)}
    zones = Counter(city.country for city in centres)
    chosen = sorted(zones, key=lambda country: (-zones[country], country))[:_FRANCHISES]
    return tuple(
        FranchisePlan(f"Muster {country}", country, largest[country].time_zone)
        for country in chosen
    )


def _radius_km(city: Place) -> float:
    return next(radius for people, radius in _RADII_KM if city.population >= people)
