"""Which plugin is checked, and where its parts are."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct

from muster.runtime.plugin_discovery import ENTRY_POINT_GROUP, installed_plugins

__all__ = ["NothingToCheck", "Subject", "subjects_at", "subjects_named"]


class NothingToCheck(Exception):
    """There is no plugin of that name, or none in that directory; the message says why."""


class Subject(Struct, frozen=True):
    """A plugin to check.

    Attributes:
        entry: Its entry point.
        distribution: Where it comes from.
        version: Of that distribution.
        root: The directory of its package; ``None`` where only what is installed is at hand.
        metadata: The table ``project`` of its ``pyproject.toml``, where there is one.
    """

    entry: EntryPoint
    distribution: str
    version: str
    root: Path | None = None
    metadata: Mapping[str, Any] | None = None

    @property
    def package(self) -> str:
        """The top-level package in which its class stands."""
        return self.entry.value.partition(":")[0].partition(".")[0]

    def sources(self) -> list[Path]:
        """Return the modules of its package."""
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            return []
        if spec.submodule_search_locations is None:
            return [Path(spec.origin)]
        return sorted(Path(spec.origin).parent.rglob("*.py"))


def subjects_at(root: Path) -> list[Subject]:
    """Return the plugins of a package's directory, and let them be imported from there.

    Args:
        root: Holds a ``pyproject.toml``; the modules stand in ``src`` or beside it.

    Raises:
        NothingToCheck: It is no package of a plugin.
    """
    root = root.resolve()
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise NothingToCheck(f"{root} has no pyproject.toml with a table 'project'.") from error
    entries = project.get("entry-points", {}).get(ENTRY_POINT_GROUP, {})
    if not entries:
        raise NothingToCheck(
            f"{root / 'pyproject.toml'} names no plugin: add a table "
            f"[project.entry-points.'{ENTRY_POINT_GROUP}'] with its name and class."
        )
    for place in (root, root / "src"):
        if place.is_dir() and str(place) not in sys.path:
            sys.path.insert(0, str(place))
    return [
        Subject(
            EntryPoint(name, value, ENTRY_POINT_GROUP),
            project.get("name", "unnamed"),
            project.get("version", "?"),
            root,
            project,
        )
        for name, value in sorted(entries.items())
    ]


def subjects_named(name: str) -> list[Subject]:
    """Return the installed plugin of a name.

    Raises:
        NothingToCheck: None is installed under this name.
    """
    found = list(_installed(name))
    if not found:
        known = ", ".join(sorted({entry.name for entry in installed_plugins()})) or "none"
        raise NothingToCheck(
            f"{name!r} is no directory and no installed plugin (installed: {known})."
        )
    return found


def _installed(name: str) -> Iterator[Subject]:
    for entry in installed_plugins():
        if entry.name == name:
            known = entry.dist
            yield Subject(
                entry, known.name if known else "unknown", known.version if known else "?"
            )
