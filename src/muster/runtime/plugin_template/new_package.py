"""Writing a plugin's package that passes its own tests at once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from msgspec import Struct

from muster import __version__
from muster.plugin_api.hooks import MusterHooks
from muster.runtime.core_commands import CORE_COMMANDS
from muster.runtime.settings_tree import core_sections

__all__ = ["Names", "PackageRefused", "known_hooks", "write_package"]

_NAME = re.compile(r"(?=.{2,24}$)[a-z][a-z0-9]*(_[a-z0-9]+)*")

_FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "ci.yml.txt": ".github/workflows/tests.yml",
    "gitignore.txt": ".gitignore",
    "package.py.txt": "src/$package/__init__.py",
    "settings.py.txt": "src/$package/settings.py",
    "test_plugin.py.txt": "tests/test_plugin.py",
}


class PackageRefused(Exception):
    """Such a package cannot be written, or not there; the message says why."""


class Names(Struct, frozen=True):
    """A plugin's name as it is written in each place.

    Attributes:
        name: Of the plugin, in snake case.
    """

    name: str

    def places(self) -> dict[str, str]:
        """Return every way to write it, by the word that templates use."""
        words = self.name.split("_")
        title = "".join(word.capitalize() for word in words)
        return {
            "name": self.name,
            "package": f"muster_{self.name}",
            "distribution": f"muster-{'-'.join(words)}",
            "kebab": "-".join(words),
            "camel": title[0].lower() + title[1:],
            "upper": self.name.upper(),
            "version": __version__,
        }


def known_hooks() -> dict[str, Callable[..., Any]]:
    """Return the specification of every hook, by name."""
    return {name: hook for name, hook in vars(MusterHooks).items() if not name.startswith("_")}


def write_package(name: str, hooks: Sequence[str], directory: Path) -> list[Path]:
    """Write a package with one module and one test for each hook.

    Args:
        name: Of the plugin, in snake case.
        hooks: The names of the hooks that it takes part in.
        directory: Where it is written; made when it is missing.

    Returns:
        What was written.

    Raises:
        PackageRefused: The name is malformed or the core's, or the directory is not empty.
    """
    if not _NAME.fullmatch(name):
        raise PackageRefused(
            f"{name!r} is no name for a plugin: it is lower snake case, such as 'tide_tables', and "
            "of 2 to 24 characters."
        )
    if name in core_sections() or name in CORE_COMMANDS or name == "system":
        raise PackageRefused(f"The name {name!r} is the core's; take another.")
    if directory.exists() and any(directory.iterdir()):
        raise PackageRefused(f"{directory} is not empty; name another with --directory.")
    wanted = [hook for hook in known_hooks() if hook in hooks]
    written = []
    for path, text in _package(Names(name).places(), wanted):
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        written.append(place)
    return written


def _package(places: dict[str, str], hooks: Sequence[str]) -> Iterator[tuple[str, str]]:
    known = {**places, "hook_list": "\n".join(f"- `{hook}`" for hook in hooks)}
    for template, path in _FILES.items():
        yield Template(path).substitute(known), _filled(template, known)
    package = f"src/{places['package']}"
    yield f"{package}/py.typed", ""
    yield f"{package}/plugin.py", _plugin_module(places, hooks)
    for hook in hooks:
        yield f"{package}/{hook}.py", _filled(f"hooks/{hook}.py.txt", known)
        yield f"tests/test_{hook}.py", _filled(f"tests/{hook}.py.txt", known)


def _filled(template: str, places: dict[str, str]) -> str:
    text = files(__package__).joinpath("files", template).read_text(encoding="utf-8")
    return Template(text).substitute(places)


def _plugin_module(places: dict[str, str], hooks: Sequence[str]) -> str:
    annotations = {hook: str(_specification(hook).return_annotation) for hook in hooks}
    types = {
        name
        for annotation in annotations.values()
        for name in re.findall(r"\w+", annotation)
        if name not in {"Sequence", "Any"}
    }
    surface = ["API_VERSION", *sorted({"Manifest", "SettingsLookup", *types}), "hookimpl"]
    any_ = "from typing import Any\n" if any("Any" in told for told in annotations.values()) else ""
    methods = "".join(_method(hook, annotations[hook]) for hook in hooks)
    return f'''"""The plugin: what it takes part in."""

from __future__ import annotations

from collections.abc import Sequence
{any_}
from muster.plugin_api import ({_listed(surface)})

from {places["package"]} import ({_listed(sorted(hooks))})
from {places["package"]}.settings import Settings

__all__ = ["Plugin"]


class Plugin:
    """Takes part in Muster as ``{places["name"]}``; each app has an instance of its own."""

    MANIFEST = Manifest(name="{places["name"]}", api_version=API_VERSION, settings=Settings)
{methods}'''


def _method(hook: str, annotation: str) -> str:
    summary = (inspect.getdoc(known_hooks()[hook]) or "").splitlines()[0]
    return f'''
    @hookimpl
    def {hook}(self, settings: SettingsLookup) -> {annotation}:
        """{summary}"""
        return {hook}.contributions(settings.section(Settings))
'''


def _listed(names: Sequence[str]) -> str:
    return "\n" + "".join(f"    {name},\n" for name in names)


def _specification(hook: str) -> inspect.Signature:
    return inspect.signature(known_hooks()[hook])
