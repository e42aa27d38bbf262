"""Ranking: in which order the eligible trainers are asked.

A policy is a pure key over a candidate's parts, so the same input gives the same order
whatever the order in which candidates arrive, and an order can be replayed from the
parts that a receipt keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.domain.eligibility import Candidate
from muster.domain.placement import Placement

__all__ = [
    "BALANCED",
    "NEAREST",
    "RANKING_POLICIES",
    "RANKING_WINDOW_DAYS",
    "DistanceBand",
    "RankingParts",
    "RankingPolicy",
    "parts_of",
]

RANKING_WINDOW_DAYS = 28
"""Booked time counts from the start date for this many days."""


class DistanceBand(Enum):
    """How far a trainer is from the student, roughly."""

    WITHIN_3_KM = "WITHIN_3_KM"
    WITHIN_5_KM = "WITHIN_5_KM"
    FURTHER = "FURTHER"
    UNKNOWN = "UNKNOWN"


_BAND_ORDER = {band: place for place, band in enumerate(DistanceBand)}


class RankingParts(Struct, frozen=True, gc=False):
    """All that a policy may look at.

    Attributes:
        preferred: Whether the client named this trainer.
        distance_band: The band of the distance.
        distance_metres: From trainer to student; ``None`` when unknown.
        booked_minutes: Booked in the 28 days from the start date.
    """

    preferred: bool
    distance_band: DistanceBand
    distance_metres: float | None
    booked_minutes: int


class RankingPolicy(Struct, frozen=True):
    """A named, versioned order.

    Attributes:
        name: As requests name it.
        version: Grows when the order changes.
        key: A pure sort key over a candidate's parts; ties go to the lowest trainer id.
    """

    name: str
    version: int
    key: Callable[[RankingParts], Any]

    def place(self, trainer_id: UUID, parts: RankingParts) -> tuple[Any, int]:
        """Return what candidates are sorted by, best first."""
        return self.key(parts), trainer_id.int


def parts_of(placement: Placement, candidate: Candidate) -> RankingParts:
    """Return the parts by which a candidate is ranked."""
    preferred, metres = placement.preferred_trainer_id, candidate.distance_metres
    return RankingParts(
        preferred is not None and candidate.trainer.id == preferred,
        _band(metres),
        metres,
        candidate.availability.booked_minutes,
    )


def _band(metres: float | None) -> DistanceBand:
    if metres is None:
        return DistanceBand.UNKNOWN
    if metres <= 3_000:
        return DistanceBand.WITHIN_3_KM
    if metres <= 5_000:
        return DistanceBand.WITHIN_5_KM
    return DistanceBand.FURTHER


def _nearness(parts: RankingParts) -> float:
    return inf if parts.distance_metres is None else parts.distance_metres


def _balanced(parts: RankingParts) -> tuple[bool, int, int, float]:
    return (
        not parts.preferred,
        _BAND_ORDER[parts.distance_band],
        parts.booked_minutes,
        _nearness(parts),
    )


BALANCED = RankingPolicy("balanced", 1, _balanced)
"""Preferred, then distance band, then fewest booked minutes, then nearest, then lowest id."""

NEAREST = RankingPolicy("nearest", 1, _nearness)
"""Nearest, then lowest id."""

RANKING_POLICIES: tuple[RankingPolicy, ...] = (BALANCED, NEAREST)
"""The policies of the law; the first is the default."""
