"""The hook specifications: every way in which a plugin can take part.

All hooks are synchronous, called once, when the app is composed, and collecting: the
contributions of all plugins together count, and their order never depends on which
plugin was installed first. An exception in a hook stops the start with the plugin's
name, distribution, version and the hook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pluggy

from muster.plugin_api.contributions import (
    CliCommand,
    HealthCheck,
    HttpRoutes,
    LifespanStep,
    PortProvider,
    PortWrapper,
)
from muster.plugin_api.lookup import SettingsLookup

__all__ = ["PROJECT", "MusterHooks", "hookimpl", "hookspec"]

PROJECT = "muster"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's method as its part in the hook of the same name."""


class MusterHooks:
    """The hooks; a plugin implements those it needs as methods marked ``@hookimpl``."""

    @hookspec
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer adapters for ports.

        Args:
            settings: The validated settings; ``settings.section(MySettings)`` is one's own.

        Returns:
            Providers. The settings choose exactly one for each port; where one alone is
            offered it is chosen. Nothing is built before it is needed.
        """
        raise NotImplementedError

    @hookspec
    def wrap_ports(self, settings: SettingsLookup) -> Sequence[PortWrapper[Any]]:
        """Offer wrappers around wrappable ports.

        Args:
            settings: The validated settings.

        Returns:
            Wrappers. The core folds them by layer and name, RESILIENCE inside CACHE
            inside TELEMETRY, and checks each result against the port's Protocol.
        """
        raise NotImplementedError

    @hookspec
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer routes under ``/plugins/<name>/``.

        Args:
            settings: The validated settings.

        Returns:
            Routes; authenticated unless they say that they are public.
        """
        raise NotImplementedError

    @hookspec
    def health_checks(self, settings: SettingsLookup) -> Sequence[HealthCheck]:
        """Offer checks that ``/ready`` makes.

        Args:
            settings: The validated settings.

        Returns:
            Checks, each with its own name and timeout. One that raises or runs over its
            timeout reports its dependency down.
        """
        raise NotImplementedError

    @hookspec
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Offer what is opened when the app starts and closed when it ends.

        Args:
            settings: The validated settings.

        Returns:
            Steps. They are entered in the order of ``requires`` and left in reverse; one
            that fails to open stops the start and closes those before it.
        """
        raise NotImplementedError

    @hookspec
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer commands of ``muster`` on the command line.

        Args:
            settings: The validated settings.

        Returns:
            Commands; a name that is taken stops the start.
        """
        raise NotImplementedError
