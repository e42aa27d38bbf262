"""The order in which plugins start: it follows from what they require, never from installation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from muster.plugin_api.errors import CompositionError
from muster.runtime.plugin_discovery import LoadedPlugin

__all__ = ["in_order_of_need"]


def in_order_of_need(plugins: Iterable[LoadedPlugin]) -> list[LoadedPlugin]:
    """Return plugins, each after those that it requires; otherwise by name.

    Raises:
        CompositionError: Two have one name, one requires what is not there, or some
            require each other in a circle.
    """
    given = list(plugins)
    _refuse_namesakes(given)
    waiting = {plugin.manifest.name: plugin for plugin in given}
    _refuse_unmet(waiting)
    ordered: list[LoadedPlugin] = []
    placed: set[str] = set()
    while waiting:
        ready = [name for name in waiting if placed.issuperset(waiting[name].manifest.requires)]
        if not ready:
            raise CompositionError(
                f"These plugins require each other in a circle: {_circle(waiting)}. Disable one "
                "of them, or install a release in which one requires less."
            )
        first = min(ready)
        ordered.append(waiting.pop(first))
        placed.add(first)
    return ordered


def _refuse_namesakes(plugins: list[LoadedPlugin]) -> None:
    counted = Counter(plugin.manifest.name for plugin in plugins)
    for name in sorted(name for name, times in counted.items() if times > 1):
        titles = " and ".join(plugin.title for plugin in plugins if plugin.manifest.name == name)
        raise CompositionError(
            f"Two plugins have the name {name!r}: {titles}. Disable or rename one of them."
        )


def _refuse_unmet(plugins: Mapping[str, LoadedPlugin]) -> None:
    for name in sorted(plugins):
        plugin = plugins[name]
        if missing := [need for need in plugin.manifest.requires if need not in plugins]:
            raise CompositionError(
                f"{plugin.title} requires {', '.join(map(repr, missing))}: add "
                f"{', '.join(missing)} to MUSTER_PLUGINS__ENABLED, or take {name} out of it."
            )


def _circle(waiting: Mapping[str, LoadedPlugin]) -> str:
    """Name the plugins of one circle alone, not those that merely wait for it."""
    path: list[str] = []
    name = min(waiting)
    while name not in path:
        path.append(name)
        name = min(need for need in waiting[name].manifest.requires if need in waiting)
    around = [*path[path.index(name) :], name]
    return " requires ".join(waiting[one].title for one in around)
