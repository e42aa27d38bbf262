"""Numbers of several rounds, told by their median and their extremes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median

from msgspec import Struct

__all__ = ["Latencies", "Spread", "latencies_of", "percentile", "ratios", "spread_of"]


class Spread(Struct, frozen=True):
    """What one figure was over the rounds."""

    least: float
    median: float
    most: float
    rounds: tuple[float, ...]

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)} – {_short(self.most)})"


class Latencies(Struct, frozen=True):
    """Percentiles in milliseconds."""

    p50: float
    p95: float
    p99: float


def spread_of(rounds: Sequence[float]) -> Spread:
    """Return the least, the median and the greatest of the rounds."""
    return Spread(min(rounds), median(rounds), max(rounds), tuple(rounds))


def ratios(these: Sequence[float], those: Sequence[float]) -> Spread:
    """Return these by those, round by round: what is noisy for both drops out."""
    return spread_of([one / other for one, other in zip(these, those, strict=True)])


def latencies_of(seconds: Sequence[float]) -> Latencies:
    """Return the percentiles of some waits in seconds."""
    waits = sorted(seconds)
    return Latencies(*(percentile(waits, share) * 1000 for share in (0.5, 0.95, 0.99)))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the least value that at least this share does not exceed (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _short(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
