"""The port for chance."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from muster.ports.keys import PortKey

__all__ = ["ENTROPY", "Entropy"]


class Entropy(Protocol):
    """Where random bits come from, so that a test can replay them."""

    @abstractmethod
    def bits(self, count: int) -> int:
        """Return ``count`` random bits as an integer from 0 to 2**count - 1.

        The real adapter draws from the operating system's cryptographic source. A query;
        never raises.
        """


ENTROPY = PortKey("entropy", Entropy)
