"""What a plugin says of itself before any of its hooks runs."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["API_VERSION", "Manifest"]

API_VERSION = 1
"""The version of the plugin surface that this Muster speaks."""


class Manifest(Struct, frozen=True, kw_only=True):
    """A plugin's passport; the class attribute ``MANIFEST`` of every plugin.

    Attributes:
        name: Unique among enabled plugins; lower snake case. It names the plugin's
            section in the settings and its place in the URL space.
        api_version: The plugin surface it was written for.
        requires: Names of plugins that must be enabled too, and start before it.
        settings: The Struct of its section in the settings; every field has a default.
    """

    name: str
    api_version: int
    requires: tuple[str, ...] = ()
    settings: type[Struct] | None = None
