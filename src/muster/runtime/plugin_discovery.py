"""Finding enabled plugins and checking their passports before any hook runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from msgspec import Struct

from muster.plugin_api.errors import CompositionError
from muster.plugin_api.manifest import API_VERSION, Manifest

__all__ = ["ENTRY_POINT_GROUP", "LoadedPlugin", "enabled_plugins", "installed_plugins", "vouched"]

ENTRY_POINT_GROUP = "muster.plugins"
"""The entry point group by which adapters and plugins of all parties register."""


class LoadedPlugin(Struct, frozen=True):
    """A plugin of one app.

    Attributes:
        manifest: What it says of itself.
        instance: The object whose hooks are called; made for this app.
        distribution: Where it was installed from.
        version: Of that distribution.
    """

    manifest: Manifest
    instance: Any
    distribution: str
    version: str

    @property
    def title(self) -> str:
        """How messages name it."""
        return f"Plugin {self.manifest.name!r} ({self.distribution} {self.version})"


def installed_plugins() -> list[EntryPoint]:
    """Return the entry points of every installed plugin, by name; none is imported."""
    return sorted(
        entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)
    )


def enabled_plugins(names: Iterable[str]) -> list[LoadedPlugin]:
    """Import the named plugins, and no others, in the order in which they start.

    Args:
        names: As the settings enable them, in any order.

    Returns:
        Each after those that it requires; otherwise by name.

    Raises:
        CompositionError: One is missing, broken, incompatible or in conflict.
    """
    return _in_order_of_need([_load(name) for name in sorted(set(names))])


def vouched(factory: Callable[[], Any], distribution: str, version: str) -> LoadedPlugin:
    """Make an app's instance of a plugin and check its passport.

    Args:
        factory: The plugin's class.
        distribution: Where it was installed from.
        version: Of that distribution.

    Raises:
        CompositionError: It has no valid manifest, was written for another surface, or
            cannot be made.
    """
    who = f"{getattr(factory, '__name__', factory)!s} ({distribution} {version})"
    manifest = getattr(factory, "MANIFEST", None)
    if not isinstance(manifest, Manifest):
        raise CompositionError(f"{who} has no MANIFEST; give its class one.")
    if manifest.api_version != API_VERSION:
        raise CompositionError(
            f"Plugin {manifest.name!r} ({distribution} {version}) was written for version "
            f"{manifest.api_version} of the plugin surface; this Muster speaks version "
            f"{API_VERSION}. Install a release of {distribution} for it."
        )
    if not isinstance(factory, type):
        raise CompositionError(f"{who} is no class; each app makes an instance of its own.")
    try:
        instance = factory()
    except Exception as error:
        raise CompositionError(
            f"Plugin {manifest.name!r} ({distribution} {version}) cannot be made: "
            f"{type(error).__name__}: {error}"
        ) from error
    return LoadedPlugin(manifest, instance, distribution, version)


def _load(name: str) -> LoadedPlugin:
    found = [entry for entry in installed_plugins() if entry.name == name]
    if not found:
        known = ", ".join(sorted({entry.name for entry in installed_plugins()})) or "none"
        raise CompositionError(
            f"Plugin {name!r} is enabled and not installed (installed: {known}). Install its "
            "distribution, or take it out of MUSTER_PLUGINS__ENABLED."
        )
    if len(found) > 1:
        raise CompositionError(
            f"Plugin {name!r} is provided twice: {_places(found)}. Uninstall one of them."
        )
    entry = found[0]
    distribution, version = _origin(entry)
    try:
        factory = entry.load()
    except Exception as error:
        raise CompositionError(
            f"Plugin {name!r} ({distribution} {version}) cannot be imported: "
            f"{type(error).__name__}: {error}. Install what it needs, or disable it."
        ) from error
    plugin = vouched(factory, distribution, version)
    if plugin.manifest.name != name:
        raise CompositionError(
            f"{plugin.title} is registered under the name {name!r}; both must be the same."
        )
    return plugin


def _origin(entry: EntryPoint) -> tuple[str, str]:
    if entry.dist is None:
        return "unknown distribution", "?"
    return entry.dist.name, entry.dist.version


def _places(entries: Sequence[EntryPoint]) -> str:
    return ", ".join(f"{' '.join(_origin(entry))} ({entry.value})" for entry in entries)


def _in_order_of_need(plugins: list[LoadedPlugin]) -> list[LoadedPlugin]:
    waiting = {plugin.manifest.name: plugin for plugin in plugins}
    for plugin in plugins:
        if missing := [name for name in plugin.manifest.requires if name not in waiting]:
            raise CompositionError(
                f"{plugin.title} requires {', '.join(map(repr, missing))}; enable that too."
            )
    ordered: list[LoadedPlugin] = []
    placed: set[str] = set()
    while waiting:
        ready = [name for name in waiting if placed.issuperset(waiting[name].manifest.requires)]
        if not ready:
            circle = ", ".join(plugin.title for plugin in waiting.values())
            raise CompositionError(f"These require each other in a circle: {circle}.")
        first = min(ready)
        ordered.append(waiting.pop(first))
        placed.add(first)
    return ordered
