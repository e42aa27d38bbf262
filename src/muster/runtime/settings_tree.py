"""The whole tree of settings, validated at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Struct

from muster.application.structure import faults_of_value
from muster.plugin_api.errors import CompositionError
from muster.runtime.settings import CoreSettings
from muster.runtime.settings_sources import (
    CONFIG_VARIABLE,
    Field,
    environment_values,
    fields_of,
    file_values,
    perhaps,
)

__all__ = ["SettingsInvalid", "SettingsTree", "ShownSetting", "core_sections", "load_settings"]

S = TypeVar("S", bound=Struct)


class SettingsInvalid(Exception):
    """Settings are wrong; nothing was started.

    Attributes:
        faults: One line for each fault: name, what is wrong, hint.
    """

    def __init__(self, faults: list[str]) -> None:
        """Carry every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults


class ShownSetting(Struct, frozen=True):
    """One setting as ``muster config show`` prints it; secrets are masked."""

    path: str
    variable: str
    value: str
    source: str
    hint: str


class SettingsTree:
    """Every section, the core's and the plugins', validated."""

    def __init__(
        self,
        sections: Mapping[str, Struct],
        fields: Mapping[str, Field],
        sources: Mapping[str, str],
    ) -> None:
        """Hold validated sections.

        Args:
            sections: By name.
            fields: Every setting, by environment variable.
            sources: Where a setting that is not the default came from, by its path.
        """
        self._sections = dict(sections)
        self._fields = fields
        self._sources = sources

    @property
    def core(self) -> CoreSettings:
        """The core's own sections."""
        return CoreSettings(**{name: cast("Any", self._sections[name]) for name in core_sections()})

    def section(self, kind: type[S]) -> S:
        """Return a section by its Struct type.

        Raises:
            CompositionError: No enabled plugin's manifest names this Struct.
        """
        for section in self._sections.values():
            if type(section) is kind:
                return section
        raise CompositionError(
            f"No enabled plugin has settings of the type {kind.__name__}; "
            "its manifest must name the type."
        )

    def show(self) -> Iterator[ShownSetting]:
        """Yield every setting in order of its path, secrets masked."""
        for field in sorted(self._fields.values(), key=lambda field: field.path):
            value = getattr(self._sections[field.section], field.name)
            yield ShownSetting(
                path=field.path,
                variable=field.variable,
                value="********" if field.secret and value else _text(value),
                source=self._sources.get(field.path, "default"),
                hint=field.hint,
            )


def core_sections() -> dict[str, type[Struct]]:
    """Return the core's sections by name."""
    return {info.name: info.type for info in msgspec.structs.fields(CoreSettings)}


def load_settings(
    environ: Mapping[str, str],
    sections: Mapping[str, type[Struct]],
    *,
    ignore_unknown: bool = False,
) -> SettingsTree:
    """Read, merge and validate all settings: the environment over the file over defaults.

    Args:
        environ: The environment; ``MUSTER_CONFIG`` names the optional TOML file.
        sections: Every section's Struct type, by name.
        ignore_unknown: Pass over sections and variables that nobody knows, while the
            plugins that may know them are still to be found.

    Raises:
        SettingsInvalid: With every fault at once.
    """
    fields = fields_of(sections)
    from_file, faults = _read_file(environ)
    from_environment, strangers = environment_values(environ, fields)
    if not ignore_unknown:
        faults += strangers
        faults += [
            f"{name}: there is no such section in {environ[CONFIG_VARIABLE]}"
            for name in from_file.keys() - sections.keys()
        ]
    faults += _unknown_in_file(from_file, sections, fields)
    built: dict[str, Struct] = {}
    for name, kind in sections.items():
        known = {info.name for info in msgspec.structs.fields(kind)}
        written = {key: value for key, value in from_file.get(name, {}).items() if key in known}
        values = {**written, **from_environment.get(name, {})}
        try:
            built[name] = msgspec.convert(values, kind, strict=False)
        except msgspec.ValidationError:
            faults += _faults(name, values, kind, fields)
    if faults:
        raise SettingsInvalid(sorted(faults))
    sources = {
        f"{section}.{key}": source
        for source, tree in (
            (environ.get(CONFIG_VARIABLE, ""), from_file),
            ("environment", from_environment),
        )
        for section, values in tree.items()
        for key in values
    }
    return SettingsTree(built, fields, sources)


def _read_file(environ: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    name = environ.get(CONFIG_VARIABLE)
    if not name:
        return {}, []
    try:
        tree = file_values(Path(name))
    except OSError as error:
        return {}, [f"{CONFIG_VARIABLE}: {name} cannot be read ({error.strerror})"]
    except tomllib.TOMLDecodeError as error:
        return {}, [f"{CONFIG_VARIABLE}: {name} is no TOML ({error})"]
    loose = [f"{key}: stands outside of a section in {name}" for key in tree if _loose(tree[key])]
    return {key: value for key, value in tree.items() if not _loose(value)}, loose


def _unknown_in_file(
    from_file: Mapping[str, Mapping[str, Any]],
    sections: Mapping[str, type[Struct]],
    fields: Mapping[str, Field],
) -> list[str]:
    paths = [field.path for field in fields.values()]
    return [
        f"{section}.{key}: there is no such setting{perhaps(f'{section}.{key}', paths)}"
        for section in from_file.keys() & sections.keys()
        for key in from_file[section]
        if f"{section}.{key}" not in paths
    ]


def _loose(value: object) -> bool:
    return not isinstance(value, dict)


def _faults(
    section: str, values: dict[str, Any], kind: type[Struct], fields: Mapping[str, Field]
) -> list[str]:
    by_path = {field.path: field for field in fields.values()}
    lines = []
    for fault in faults_of_value(values, kind, section, strict=False):
        field = by_path.get(".".join(fault.path.split("[")[0].split(".")[:2]))
        if field is None:
            lines.append(f"{fault.path}: {fault.message}")
        else:
            hint = f" {field.hint}" if field.hint else ""
            lines.append(f"{field.variable} ({fault.path}): {fault.message.rstrip('.')}.{hint}")
    return lines


def _text(value: object) -> str:
    plain = msgspec.to_builtins(value, enc_hook=str)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()
