"""How a plugin reaches what the composition made: chosen ports and its own settings."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol, TypeVar

from msgspec import Struct

from muster.ports.keys import PortKey

__all__ = ["PortLookup", "SettingsLookup"]

P = TypeVar("P")
S = TypeVar("S", bound=Struct)


class PortLookup(Protocol):
    """The ports of one app, as the settings chose and the wrappers composed them."""

    @abstractmethod
    def get(self, port: PortKey[P]) -> P:
        """Return the app's adapter for a port, wrapped.

        Raises:
            CompositionError: No enabled plugin provides it, or it needs itself.
        """


class SettingsLookup(Protocol):
    """The validated settings of one app."""

    @abstractmethod
    def section(self, kind: type[S]) -> S:
        """Return a plugin's section by the Struct that its manifest names.

        Raises:
            CompositionError: No enabled plugin's manifest names this Struct.
        """
