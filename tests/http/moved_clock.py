"""A clock that a test can move while a server goes by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from muster.plugin_api import API_VERSION, Manifest, PortProvider, SettingsLookup, hookimpl
from muster.ports.clock import CLOCK, Clock

CHOICE = "clock=moved"
"""The setting of ``MUSTER_PLUGINS__PORTS`` that takes it in place of the system's."""


class MovedClock(Clock):
    """The machine's clock, and what a test has added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def plugin_of(clock: Clock) -> type:
    """The plugin that offers a clock."""

    class MovedClockPlugin:
        MANIFEST = Manifest(name="moved_clock", api_version=API_VERSION)

        @hookimpl
        def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
            return [PortProvider(CLOCK, "moved", lambda ports: clock)]

    return MovedClockPlugin
