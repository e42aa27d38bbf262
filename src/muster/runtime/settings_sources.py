"""Where settings come from: the environment first, then an optional TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

__all__ = ["CONFIG_VARIABLE", "Field", "environment_values", "fields_of", "file_values", "perhaps"]

CONFIG_VARIABLE = "MUSTER_CONFIG"
"""The environment variable that names the TOML file."""

_PREFIX = "MUSTER_"


class Field(Struct, frozen=True):
    """One setting.

    Attributes:
        section: Its section.
        name: Its name there.
        variable: The environment variable that sets it.
        hint: What it does, with its unit.
        secret: Whether its value is masked.
        kind: Its type.
    """

    section: str
    name: str
    variable: str
    hint: str
    secret: bool
    kind: Any

    @property
    def path(self) -> str:
        """Its place in the tree: ``section.name``."""
        return f"{self.section}.{self.name}"


def fields_of(sections: Mapping[str, type[Struct]]) -> dict[str, Field]:
    """Return every setting of some sections, by environment variable."""
    fields = (
        _field(section, info)
        for section, kind in sections.items()
        for info in msgspec.structs.fields(kind)
    )
    return {field.variable: field for field in fields}


def environment_values(
    environ: Mapping[str, str], fields: Mapping[str, Field]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return what the environment sets, by section and name, and the names nobody knows.

    Lists are separated by commas, tables written ``key=value`` and separated by commas.
    An empty variable counts as not set.
    """
    values: dict[str, dict[str, Any]] = {}
    for variable, field in fields.items():
        if text := environ.get(variable):
            values.setdefault(field.section, {})[field.name] = _plain(text, field.kind)
    usual = {_usual_variable(one.section, one.name): one.variable for one in fields.values()}
    strangers = [
        f"{name}: {_told_otherwise(name, usual)}"
        if name in usual
        else f"{name}: there is no such setting{perhaps(name, fields)}"
        for name in environ
        if name.startswith(_PREFIX) and name not in fields and name != CONFIG_VARIABLE
    ]
    return values, strangers


def file_values(path: Path) -> dict[str, Any]:
    """Return what a TOML file sets.

    Raises:
        OSError: It cannot be read.
        tomllib.TOMLDecodeError: It is no TOML.
    """
    return tomllib.loads(path.read_text(encoding="utf-8"))


def perhaps(name: str, known: Iterable[str]) -> str:
    """Return a guess at which known name was meant, to end a message with; often empty."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _field(section: str, info: msgspec.structs.FieldInfo) -> Field:
    meta = next(_metas(info.type), None)
    extra = (meta.extra if meta else None) or {}
    return Field(
        section=section,
        name=info.name,
        variable=extra.get("env") or _usual_variable(section, info.name),
        hint=(meta.description if meta else None) or "",
        secret=bool(extra.get("secret")),
        kind=info.type,
    )


def _usual_variable(section: str, name: str) -> str:
    return f"{_PREFIX}{section}__{name}".upper()


def _told_otherwise(name: str, usual: Mapping[str, str]) -> str:
    return f"this setting has a name that other tools know; set {usual[name]}"


def _metas(kind: Any) -> Iterator[msgspec.Meta]:
    for part in get_args(kind):
        if isinstance(part, msgspec.Meta):
            yield part
        yield from _metas(part)


def _plain(text: str, kind: Any) -> Any:
    origin = _container(kind)
    if origin in (tuple, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    if origin is dict:
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        return {key.strip(): value.strip() for key, _, value in pairs}
    return text


def _container(kind: Any) -> Any:
    origin = get_origin(kind)
    if origin in (tuple, list, dict):
        return origin
    return next((found for part in get_args(kind) if (found := _container(part))), None)
