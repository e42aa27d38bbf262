"""The port for time."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from muster.ports.keys import PortKey

__all__ = ["CLOCK", "Clock"]


class Clock(Protocol):
    """Where the time comes from, so that a test can set it."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the present instant, aware, in UTC. A query; never raises."""


CLOCK = PortKey("clock", Clock)
