"""New identifiers, from the ports for time and chance."""

from __future__ import annotations

from uuid import UUID

from muster.domain.identifiers import UUID7_RANDOM_BITS, uuid7
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy

__all__ = ["Identifiers"]


class Identifiers:
    """Makes UUIDv7 identifiers."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        """Make them from a clock and a source of chance."""
        self._clock = clock
        self._entropy = entropy

    def new(self) -> UUID:
        """Return an identifier that nobody has."""
        return uuid7(self._clock.now(), self._entropy.bits(UUID7_RANDOM_BITS))

    def several(self, count: int) -> tuple[UUID, ...]:
        """Return ``count`` identifiers of one instant, in no order among themselves."""
        now = self._clock.now()
        # One draw for all: each is a call of the operating system.
        bits = self._entropy.bits(UUID7_RANDOM_BITS * count)
        return tuple(uuid7(now, bits >> UUID7_RANDOM_BITS * place) for place in range(count))
