"""Calling hooks: what a plugin may implement, and what its implementations return."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

import pluggy
from msgspec import Struct

from muster.plugin_api.contributions import (
    CliCommand,
    HealthCheck,
    HttpRoutes,
    LifespanStep,
    PortProvider,
    PortWrapper,
)
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.hooks import PROJECT, MusterHooks
from muster.plugin_api.lookup import SettingsLookup
from muster.runtime.plugin_discovery import LoadedPlugin

__all__ = ["Contribution", "PluginHooks"]

_RETURNS: dict[str, type[Struct]] = {
    "provide_ports": PortProvider,
    "wrap_ports": PortWrapper,
    "http_routes": HttpRoutes,
    "health_checks": HealthCheck,
    "lifespan": LifespanStep,
    "cli_commands": CliCommand,
}

_ORDERING = ("tryfirst", "trylast", "hookwrapper", "wrapper", "optionalhook")


class Contribution(Struct, frozen=True):
    """Something that a plugin contributed through a hook."""

    plugin: LoadedPlugin
    value: Any


class PluginHooks:
    """The hooks of one app's plugins."""

    def __init__(self, plugins: Iterable[LoadedPlugin]) -> None:
        """Register plugins, in the order in which they start.

        Raises:
            CompositionError: One implements no hook, an unknown one, or one in a way
                that would make its order or timing differ from the others.
        """
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(MusterHooks)
        self.plugins = tuple(plugins)
        for plugin in self.plugins:
            self._register(plugin)

    def hooks_of(self, plugin: LoadedPlugin) -> list[str]:
        """Return the names of the hooks that a plugin implements, sorted."""
        callers = self._manager.get_hookcallers(plugin.instance) or []
        return sorted(caller.name for caller in callers)

    def collect(self, hook: str, settings: SettingsLookup) -> list[Contribution]:
        """Call a hook of every plugin, in the order in which they start.

        Raises:
            CompositionError: An implementation raised, or returned something else.
        """
        return [
            Contribution(plugin, value)
            for plugin in self.plugins
            if hook in self.hooks_of(plugin)
            for value in self._returned(plugin, hook, settings)
        ]

    def _returned(self, plugin: LoadedPlugin, hook: str, settings: SettingsLookup) -> Sequence[Any]:
        others = [one.instance for one in self.plugins if one is not plugin]
        caller = self._manager.subset_hook_caller(hook, remove_plugins=others)
        try:
            results = caller(settings=settings)
        except CompositionError as error:
            raise CompositionError(f"{plugin.title}: {error}") from error
        except Exception as error:
            raise CompositionError(
                f"{plugin.title} failed in the hook {hook}: {type(error).__name__}: {error}"
            ) from error
        if not results:
            # Pluggy takes None for "nothing to say"; here it is a forgotten return.
            results = [None]
        values = [value for result in results for value in _sequence(plugin, hook, result)]
        wanted = _RETURNS[hook]
        for value in values:
            if not isinstance(value, wanted):
                raise CompositionError(
                    f"{plugin.title}: the hook {hook} returns {wanted.__name__} objects, "
                    f"not {type(value).__name__}."
                )
        return values

    def _register(self, plugin: LoadedPlugin) -> None:
        try:
            self._manager.register(plugin.instance, plugin.manifest.name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            known = ", ".join(_RETURNS)
            raise CompositionError(
                f"{plugin.title} does not fit the hooks: {error}. Known hooks are {known}."
            ) from error
        callers = self._manager.get_hookcallers(plugin.instance) or []
        if not callers:
            raise CompositionError(f"{plugin.title} implements no hook; mark one with @hookimpl.")
        for caller in callers:
            for found in caller.get_hookimpls():
                if found.plugin is plugin.instance:
                    _refuse_surprises(plugin, found)


def _refuse_surprises(plugin: LoadedPlugin, found: pluggy.HookImpl) -> None:
    where = f"{plugin.title}: the hook {found.function.__name__}"
    if options := [name for name in _ORDERING if getattr(found, name, False)]:
        raise CompositionError(
            f"{where} asks for {', '.join(options)}; order is the core's: take that away."
        )
    if inspect.iscoroutinefunction(found.function):
        raise CompositionError(f"{where} is 'async def'; hooks are synchronous.")
    if found.kwargnames:
        raise CompositionError(
            f"{where} gives defaults to {', '.join(found.kwargnames)}, which would never be "
            "filled in; take the defaults away."
        )


def _sequence(plugin: LoadedPlugin, hook: str, result: Any) -> Sequence[Any]:
    if isinstance(result, list | tuple):
        return result
    raise CompositionError(
        f"{plugin.title}: the hook {hook} returns a list, not {type(result).__name__}."
    )
