"""A part of telemetry: what it contributes when the settings switch it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muster.plugin_api import HttpRoutes, LifespanStep, PortWrapper

__all__ = ["Part"]


class Part:
    """What a part contributes; nothing, unless it says otherwise."""

    def wrappers(self) -> Sequence[PortWrapper[Any]]:
        """Return what it wraps around the observer."""
        return []

    def steps(self) -> Sequence[LifespanStep]:
        """Return what it keeps open."""
        return []

    def routes(self) -> Sequence[HttpRoutes]:
        """Return what it answers."""
        return []
