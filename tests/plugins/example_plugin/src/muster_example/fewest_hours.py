"""The ranking that gives work to who has the least."""

from __future__ import annotations

from math import inf

from muster.plugin_api import RankingParts, RankingPolicy

__all__ = ["FEWEST_HOURS"]


def _key(parts: RankingParts) -> tuple[int, float]:
    away = inf if parts.distance_metres is None else parts.distance_metres
    return parts.booked_minutes, away


FEWEST_HOURS = RankingPolicy("example-fewest-hours", 1, _key)
"""Fewest booked minutes, then nearest, then lowest id."""
