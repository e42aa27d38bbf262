"""Calling hooks: what a plugin may implement, and what its implementations return."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pluggy
from msgspec import Struct

from muster.domain.eligibility import EligibilityRule
from muster.domain.ranking import RankingPolicy
from muster.plugin_api.contributions import (
    AnswerHeaders,
    Authenticator,
    CliCommand,
    EventSubscriber,
    HealthCheck,
    HttpMiddleware,
    HttpRoutes,
    LifespanStep,
    PortProvider,
    PortWrapper,
)
from muster.plugin_api.errors import CompositionError
from muster.plugin_api.hooks import PROJECT, MusterHooks
from muster.plugin_api.job_types import JobType
from muster.plugin_api.lookup import SettingsLookup
from muster.runtime.plugin_discovery import LoadedPlugin

__all__ = ["Contribution", "PluginHooks"]

_RETURNS: dict[str, type[Struct]] = {
    "provide_ports": PortProvider,
    "wrap_ports": PortWrapper,
    "authenticators": Authenticator,
    "assignment_rules": EligibilityRule,
    "ranking_policies": RankingPolicy,
    "event_subscribers": EventSubscriber,
    "jobs": JobType,
    "http_routes": HttpRoutes,
    "http_middleware": HttpMiddleware,
    "answer_headers": AnswerHeaders,
    "health_checks": HealthCheck,
    "lifespan": LifespanStep,
    "cli_commands": CliCommand,
}

_ORDERING = ("tryfirst", "trylast", "hookwrapper", "wrapper", "optionalhook", "specname")


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
                f"{plugin.title} failed in the hook {hook}: {type(error).__name__}: "
                f"{str(error).rstrip('.')}. {plugin.remedy}"
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
                    f"not {type(value).__name__}. {plugin.remedy}"
                )
        return values

    def _register(self, plugin: LoadedPlugin) -> None:
        implemented = _implementations(plugin)
        for name, method, options in implemented:
            _refuse_surprises(plugin, name, method, options)
        if not implemented:
            raise CompositionError(f"{plugin.title} implements no hook; mark one with @hookimpl.")
        self._manager.register(plugin.instance, plugin.manifest.name)


def _implementations(plugin: LoadedPlugin) -> list[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Return what a plugin marked, by name, with the options of each mark.

    Raises:
        CompositionError: What is marked is no hook, or a hook is not marked.
    """
    marked: list[tuple[str, Callable[..., Any], dict[str, Any]]] = []
    for name, method in _methods(plugin.instance):
        options = getattr(method, f"{PROJECT}_impl", None)
        if options is None:
            _refuse_unmarked(plugin, name)
            continue
        if name not in _RETURNS:
            raise CompositionError(
                f"{plugin.title} implements {name!r}, which is no hook"
                f"{_perhaps(name)}. Rename it; known hooks are {', '.join(_RETURNS)}."
            )
        marked.append((name, method, options))
    return marked


def _methods(instance: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield methods alone: to look at a property is to run it."""
    for name in dir(instance):
        found = inspect.getattr_static(instance, name)
        if inspect.isroutine(found) or isinstance(found, classmethod | staticmethod):
            yield name, getattr(instance, name)


def _refuse_unmarked(plugin: LoadedPlugin, name: str) -> None:
    if name in _RETURNS:
        raise CompositionError(
            f"{plugin.title} has a method {name} that would never be called; mark it with "
            "@hookimpl, or rename it."
        )


def _perhaps(hook: str) -> str:
    near = difflib.get_close_matches(hook, _RETURNS, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _refuse_surprises(
    plugin: LoadedPlugin, hook: str, method: Callable[..., Any], options: Mapping[str, Any]
) -> None:
    where = f"{plugin.title}: the hook {hook}"
    if asked := [name for name in _ORDERING if options.get(name)]:
        raise CompositionError(
            f"{where} asks for {', '.join(asked)}; order is the core's: take that away."
        )
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        raise CompositionError(
            f"{where} is 'async def'; hooks are synchronous: write 'def', and put what must wait "
            "into what the hook returns."
        )
    parameters = inspect.signature(method).parameters.values()
    if defaulted := [one.name for one in parameters if one.default is not one.empty]:
        raise CompositionError(
            f"{where} gives defaults to {', '.join(defaulted)}, which would never be "
            "filled in; take the defaults away."
        )
    offered = list(inspect.signature(getattr(MusterHooks, hook)).parameters)[1:]
    if strangers := [one.name for one in parameters if one.name not in offered]:
        raise CompositionError(
            f"{where} asks for {', '.join(strangers)}; it is called with "
            f"{', '.join(offered)} alone: take the rest away."
        )


def _sequence(plugin: LoadedPlugin, hook: str, result: Any) -> Sequence[Any]:
    if isinstance(result, list | tuple):
        return result
    raise CompositionError(
        f"{plugin.title}: the hook {hook} returns a list, not {type(result).__name__}. "
        f"{plugin.remedy}"
    )
