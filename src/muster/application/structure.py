"""Every fault of a raw value against a Struct type, where msgspec stops at the first.

Only the failure path pays for this: a value that is right is converted once.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from muster.domain.errors import Fault

__all__ = ["CHECK", "faults_of_checks", "faults_of_value"]

CHECK = "check"
"""Key in ``Meta.extra`` of a function that takes a field's value and returns what is wrong
with it, or ``None``; for what a type and its bounds cannot say."""

_PATH_IN_MESSAGE = " - at `"


def faults_of_value(value: Any, kind: Any, path: str = "", *, strict: bool = True) -> list[Fault]:
    """Return every fault of a value of plain JSON types against a type.

    Args:
        value: Made of dicts, lists, strings, numbers, booleans and ``None``.
        kind: A Struct type, or any type that msgspec converts to.
        path: Where the value stands; empty at the root.
        strict: Whether text must not stand for numbers and booleans.

    Returns:
        Faults with the codes ``MISSING``, ``UNKNOWN``, ``TYPE`` or ``INVALID``, and the
        path in the names of the encoded form (``students[1].id``).
    """
    try:
        converted = msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        return list(_parts(value, kind, path, strict)) or [_fault(path, str(error))]
    return list(_unchecked(converted, kind, path))


def faults_of_checks(value: Struct) -> list[Fault]:
    """Return the faults that the checks of fields find in a converted value, at any depth."""
    return list(_unchecked(value, type(value), ""))


def _unchecked(value: Any, kind: Any, path: str) -> Iterator[Fault]:
    if value is None or value is msgspec.UNSET:
        return
    if wrong := next((wrong for check in _checks(kind) if (wrong := check(value))), None):
        yield Fault(path, "INVALID", wrong)
    if isinstance(value, Struct):
        for attribute, name, inner in _checked_fields(type(value)):
            yield from _unchecked(getattr(value, attribute), inner, _member(path, name))
    elif isinstance(value, list | tuple):
        inner = get_args(_bare(kind))[0]
        for place, item in enumerate(value):
            yield from _unchecked(item, inner, f"{path}[{place}]")


@cache
def _checked_fields(kind: type[Struct]) -> tuple[tuple[str, str, Any], ...]:
    return tuple(
        (field.name, field.encode_name, field.type)
        for field in msgspec.structs.fields(kind)
        if _has_checks(field.type)
    )


def _has_checks(kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return bool(_checked_fields(kind))
    return any(True for _ in _checks(kind)) or any(map(_has_checks, get_args(kind)))


def _checks(kind: Any) -> Iterator[Callable[[Any], str | None]]:
    """Yield the checks of a type itself, not those of what it holds."""
    origin = get_origin(kind)
    for part in get_args(kind):
        if isinstance(part, Meta) and part.extra and CHECK in part.extra:
            yield part.extra[CHECK]
        elif origin in (Annotated, Union, types.UnionType):
            yield from _checks(part)


def _parts(value: Any, kind: Any, path: str, strict: bool) -> Iterator[Fault]:
    kind = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, Struct) and isinstance(value, dict):
        yield from _members(value, kind, path, strict)
    elif get_origin(kind) in (list, tuple) and isinstance(value, list):
        yield from _items(value, get_args(kind)[0], path, strict)


def _members(value: dict[str, Any], kind: type[Struct], path: str, strict: bool) -> Iterator[Fault]:
    fields: dict[str, FieldInfo] = {
        field.encode_name: field for field in msgspec.structs.fields(kind)
    }
    for name, field in fields.items():
        where = _member(path, name)
        if name in value:
            yield from faults_of_value(value[name], field.type, where, strict=strict)
        elif field.required:
            yield Fault(where, "MISSING", "This field is required.")
    if kind.__struct_config__.forbid_unknown_fields:
        for name in value.keys() - fields.keys():
            yield Fault(_member(path, name), "UNKNOWN", "There is no such field.")


def _items(value: Sequence[Any], kind: Any, path: str, strict: bool) -> Iterator[Fault]:
    for place, item in enumerate(value):
        yield from faults_of_value(item, kind, f"{path}[{place}]", strict=strict)


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _bare(kind: Any) -> Any:
    """Return a type without its annotations, and an optional one without its ``None``."""
    while True:
        origin = get_origin(kind)
        if origin is Annotated:
            kind = get_args(kind)[0]
        elif origin in (Union, types.UnionType):
            solid = [part for part in get_args(kind) if part not in (type(None), msgspec.UnsetType)]
            if len(solid) != 1:
                return kind
            kind = solid[0]
        else:
            return kind


def _fault(path: str, message: str) -> Fault:
    sentence = message.split(_PATH_IN_MESSAGE, 1)[0]
    if "matching regex" in sentence:
        return Fault(path, "INVALID", "This is not of the form that the field asks for.")
    code = "TYPE" if sentence.startswith("Expected") and ", got" in sentence else "INVALID"
    return Fault(path, code, sentence)
