"""Chance that comes again: the same seed gives the same bits."""

from __future__ import annotations

from random import Random

from muster.ports.entropy import Entropy

__all__ = ["SeededEntropy"]


class SeededEntropy(Entropy):
    """Draws from a seeded generator; for tests alone."""

    def __init__(self, seed: int) -> None:
        """Start at a seed."""
        self._random = Random(seed)  # noqa: S311 - replayable on purpose

    def bits(self, count: int) -> int:
        """Return ``count`` random bits as an integer from 0 to 2**count - 1."""
        return self._random.getrandbits(count)
