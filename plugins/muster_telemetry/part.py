"""A part of telemetry: what it contributes when the settings switch it on."""

from __future__ import annotations

from collections.abc import Sequence

from muster.plugin_api import HttpRoutes, LifespanStep, PortLookup
from muster_telemetry.listening import Listener

__all__ = ["Part"]


class Part:
    """What a part contributes; nothing, unless it says otherwise."""

    def listeners(self, ports: PortLookup) -> Sequence[Listener]:
        """Return who hears what the core and its adapters do."""
        return []

    def steps(self) -> Sequence[LifespanStep]:
        """Return what it keeps open."""
        return []

    def routes(self) -> Sequence[HttpRoutes]:
        """Return what it answers."""
        return []
