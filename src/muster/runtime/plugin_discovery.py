"""Finding enabled plugins and checking their passports before any hook runs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from msgspec import Struct

from muster.plugin_api.errors import CompositionError
from muster.plugin_api.manifest import API_VERSION, Manifest

__all__ = ["ENTRY_POINT_GROUP", "LoadedPlugin", "enabled_plugins", "installed_plugins", "vouched"]

ENTRY_POINT_GROUP = "muster.plugins"
"""The entry point group by which adapters and plugins of all parties register."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


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

    @property
    def remedy(self) -> str:
        """What an operator can do about a fault in its code."""
        return (
            "Mend it or install another release of it, or take "
            f"{self.manifest.name} out of MUSTER_PLUGINS__ENABLED."
        )


def installed_plugins() -> list[EntryPoint]:
    """Return the entry points of every installed plugin, by name; none is imported."""
    return sorted(
        entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: (entry.name, entry.value)
    )


def enabled_plugins(names: Iterable[str]) -> list[LoadedPlugin]:
    """Import the named plugins, and no others.

    Args:
        names: As the settings enable them, in any order.

    Returns:
        Each of them once, by name.

    Raises:
        CompositionError: One is missing, broken or incompatible.
    """
    installed = installed_plugins()
    return [_load(name, installed) for name in sorted(set(names))]


def vouched(
    factory: Callable[[], Any], distribution: str, version: str, registered_as: str | None = None
) -> LoadedPlugin:
    """Make an app's instance of a plugin and check its passport.

    Args:
        factory: The plugin's class.
        distribution: Where it was installed from.
        version: Of that distribution.
        registered_as: The name of its entry point, where it has one.

    Raises:
        CompositionError: It has no valid manifest, was written for another surface, or
            cannot be made.
    """
    called = registered_as or getattr(factory, "__name__", str(factory))
    manifest = getattr(factory, "MANIFEST", None)
    if not isinstance(manifest, Manifest):
        raise CompositionError(
            f"Plugin {called!r} ({distribution} {version}) has no MANIFEST; its class needs one, "
            "a muster.plugin_api.Manifest."
        )
    title = f"Plugin {manifest.name!r} ({distribution} {version})"
    _refuse_passport(manifest, title, registered_as)
    if manifest.api_version != API_VERSION:
        raise CompositionError(
            f"{title} was written for version {manifest.api_version} of the plugin surface; this "
            f"Muster speaks version {API_VERSION}. Install a release of {distribution} for it, "
            f"or take {manifest.name} out of MUSTER_PLUGINS__ENABLED."
        )
    if not isinstance(factory, type):
        raise CompositionError(
            f"{title} is no class, and each app makes an instance of its own; its entry point "
            "must name the class."
        )
    try:
        instance = factory()
    except Exception as error:
        raise CompositionError(
            f"{title} cannot be made: {_told(error)}. Its class must need no arguments and open "
            f"nothing; mend it, or take {manifest.name} out of MUSTER_PLUGINS__ENABLED."
        ) from error
    return LoadedPlugin(manifest, instance, distribution, version)


def _refuse_passport(manifest: Manifest, title: str, registered_as: str | None) -> None:
    if not _NAME.fullmatch(manifest.name):
        raise CompositionError(
            f"{title} must have a name in lower snake case, such as 'tide_tables'; rename it in "
            "its MANIFEST and its entry point."
        )
    if registered_as is not None and manifest.name != registered_as:
        raise CompositionError(
            f"{title} is registered under the name {registered_as!r}; give its MANIFEST and its "
            "entry point the same name."
        )


def _load(name: str, installed: Sequence[EntryPoint]) -> LoadedPlugin:
    found = [entry for entry in installed if entry.name == name]
    if not found:
        known = sorted({entry.name for entry in installed})
        near = difflib.get_close_matches(name, known, n=1)
        raise CompositionError(
            f"Plugin {name!r} is enabled and not installed (installed: "
            f"{', '.join(known) or 'none'}{f'; did you mean {near[0]}?' if near else ''}). Install "
            "its distribution, or take it out of MUSTER_PLUGINS__ENABLED."
        )
    if len(found) > 1:
        raise CompositionError(
            f"Plugin {name!r} is provided twice: {_places(found)}. Uninstall one of them."
        )
    entry = found[0]
    distribution, version = _origin(entry)
    try:
        factory = entry.load()
    except (Exception, SystemExit) as error:
        raise CompositionError(
            f"Plugin {name!r} ({distribution} {version}) cannot be imported: {_told(error)}. "
            f"Install what it needs, or take {name} out of MUSTER_PLUGINS__ENABLED."
        ) from error
    return vouched(factory, distribution, version, registered_as=name)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).rstrip('.')}"


def _origin(entry: EntryPoint) -> tuple[str, str]:
    if entry.dist is None:
        return "unknown distribution", "?"
    return entry.dist.name, entry.dist.version


def _places(entries: Sequence[EntryPoint]) -> str:
    return ", ".join(f"{' '.join(_origin(entry))} ({entry.value})" for entry in entries)
