"""The core's own plugin: the real clock, the operating system's randomness, no observer.

It comes in through the same hook as every other adapter.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from muster.plugin_api import API_VERSION, Manifest, PortProvider, SettingsLookup, hookimpl
from muster.ports.clock import CLOCK, Clock
from muster.ports.entropy import ENTROPY, Entropy
from muster.ports.observation import OBSERVER
from muster.ports.unobserved import UNOBSERVED

__all__ = ["SystemClock", "SystemEntropy", "SystemPlugin"]


class SystemClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class SystemEntropy(Entropy):
    """The operating system's cryptographic random source."""

    def bits(self, count: int) -> int:
        """Return random bits."""
        return secrets.randbits(count)


class SystemPlugin:
    """Provides time, chance and silence; always takes part."""

    MANIFEST = Manifest(name="system", api_version=API_VERSION)

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the real clock, the real randomness, and nobody who looks on."""
        return [
            PortProvider(CLOCK, "system", lambda ports: SystemClock()),
            PortProvider(ENTROPY, "system", lambda ports: SystemEntropy()),
            PortProvider(OBSERVER, "system", lambda ports: UNOBSERVED),
        ]
