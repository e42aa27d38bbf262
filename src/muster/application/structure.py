"""Every fault of a raw value against a Struct type, where msgspec stops at the first.

Only the failure path pays for this: a value that is right is converted once.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from math import inf
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from muster.domain.errors import Fault

__all__ = ["CHECK", "MOST_FAULTS", "faults_of_checks", "faults_of_value"]

CHECK = "check"
"""Key in ``Meta.extra`` of a function that takes a field's value and returns what is wrong
with it, or ``None``; for what a type and its bounds cannot say."""

MOST_FAULTS = 100
"""How many faults are told at once; a hostile body could have millions."""

_PATH_IN_MESSAGE = " - at `"


def faults_of_value(value: Any, kind: Any, path: str = "", *, strict: bool = True) -> list[Fault]:
    """Return every fault of a value of plain JSON types against a type.

    Args:
        value: Made of dicts, lists, strings, numbers, booleans and ``None``.
        kind: A Struct type, or any type that msgspec converts to.
        path: Where the value stands; empty at the root.
        strict: Whether text must not stand for numbers and booleans.

    Returns:
        At most ``MOST_FAULTS`` faults with the codes ``MISSING``, ``UNKNOWN``, ``TYPE`` or
        ``INVALID``, and the path in the names of the encoded form (``students[1].id``).
    """
    return list(islice(_faults(value, kind, path, strict), MOST_FAULTS))


def faults_of_checks(value: Struct) -> list[Fault]:
    """Return the faults that the checks of fields find in a converted value, at any depth."""
    return list(islice(_unchecked(value, type(value), ""), MOST_FAULTS))


def _faults(value: Any, kind: Any, path: str, strict: bool) -> Iterator[Fault]:
    try:
        converted = msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        parts = _parts(value, kind, path, strict)
        yield next(parts, None) or _fault(path, str(error))
        yield from parts
    else:
        yield from _unchecked(converted, kind, path)


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
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, Struct) and isinstance(value, dict):
        yield from _members(value, bare, path, strict)
    elif get_origin(bare) in (list, tuple) and _is_list_within(value, kind):
        yield from _items(value, get_args(bare)[0], path, strict)


def _members(value: dict[str, Any], kind: type[Struct], path: str, strict: bool) -> Iterator[Fault]:
    fields: dict[str, FieldInfo] = {
        field.encode_name: field for field in msgspec.structs.fields(kind)
    }
    for name, field in fields.items():
        where = _member(path, name)
        if name in value:
            yield from _faults(value[name], field.type, where, strict)
        elif field.required:
            yield Fault(where, "MISSING", "This field is required.")
    if kind.__struct_config__.forbid_unknown_fields:
        for name in value.keys() - fields.keys():
            yield Fault(_member(path, name), "UNKNOWN", "There is no such field.")


def _items(value: Sequence[Any], kind: Any, path: str, strict: bool) -> Iterator[Fault]:
    for place, item in enumerate(value):
        yield from _faults(item, kind, f"{path}[{place}]", strict)


def _is_list_within(value: Any, kind: Any) -> bool:
    """Return whether a value is a list that is not too long altogether to be walked."""
    metas = (part for part in get_args(kind) if isinstance(part, Meta))
    bounds = [meta.max_length for meta in metas if meta.max_length is not None]
    return isinstance(value, list) and len(value) <= min(bounds, default=inf)


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
