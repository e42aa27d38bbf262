"""Which zone serves a place, and which rule decided it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

from muster.domain.geography import Point, distance_metres
from muster.domain.zones import Zone, covers

__all__ = ["ZoneAtDistance", "ZoneChoice", "ZoneRule", "choose_zone"]

_DECIMALS = 6
"""Distances that differ by less than a micrometre are alike: a pole has many longitudes, and
their rounding decides nothing."""


class ZoneRule(Enum):
    """The rule that told the chosen zone from the next best."""

    ONLY_ONE = "ONLY_ONE"
    PRIORITY = "PRIORITY"
    NEAREST_CENTRE = "NEAREST_CENTRE"
    SMALLEST_RADIUS = "SMALLEST_RADIUS"
    LOWEST_ID = "LOWEST_ID"
    NONE = "NONE"


class ZoneAtDistance(Struct, frozen=True):
    """A zone and how far its centre lies from the place asked about.

    Attributes:
        zone: The zone.
        distance_metres: Great-circle distance to its centre, in metres.
    """

    zone: Zone
    distance_metres: float


class ZoneChoice(Struct, frozen=True):
    """The answer to "who serves this place?".

    Attributes:
        rule: What decided; ``NONE`` when no zone covers the place.
        covering: Every covering zone, in the order of choice; the first is chosen.
        nearest: The nearest active zone, only when none covers the place.
    """

    rule: ZoneRule
    covering: tuple[ZoneAtDistance, ...]
    nearest: ZoneAtDistance | None = None

    @property
    def chosen(self) -> ZoneAtDistance | None:
        """The zone that serves the place, if any does."""
        return self.covering[0] if self.covering else None


def choose_zone(
    point: Point, candidates: Iterable[Zone], nearest: Zone | None = None
) -> ZoneChoice:
    """Choose among the zones that cover a place.

    Highest priority, then nearest centre, then smallest radius, then lowest id.

    Args:
        point: The place.
        candidates: Zones that may cover it, in any order; the others are left out.
        nearest: The nearest active zone, answered when none covers the place.
    """
    covering = sorted(
        (
            ZoneAtDistance(zone, distance_metres(zone.centre, point))
            for zone in candidates
            if covers(zone, point)
        ),
        key=_order_of_choice,
    )
    if covering:
        return ZoneChoice(_deciding_rule(covering), tuple(covering))
    if nearest is None:
        return ZoneChoice(ZoneRule.NONE, ())
    away = ZoneAtDistance(nearest, distance_metres(nearest.centre, point))
    return ZoneChoice(ZoneRule.NONE, (), away)


def _order_of_choice(hit: ZoneAtDistance) -> tuple[int, float, float, int]:
    zone = hit.zone
    return -zone.priority, round(hit.distance_metres, _DECIMALS), zone.radius_km, zone.id.int


def _deciding_rule(covering: list[ZoneAtDistance]) -> ZoneRule:
    if len(covering) == 1:
        return ZoneRule.ONLY_ONE
    rules = (
        ZoneRule.PRIORITY,
        ZoneRule.NEAREST_CENTRE,
        ZoneRule.SMALLEST_RADIUS,
        ZoneRule.LOWEST_ID,
    )
    first, second = map(_order_of_choice, covering[:2])
    return next(rule for rule, a, b in zip(rules, first, second, strict=True) if a != b)
