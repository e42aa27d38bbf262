"""Parameters in query and path are read as strictly as bodies: every fault at once."""

from __future__ import annotations

import inspect
import re
import types
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from msgspec import UNSET, Struct, ValidationError, convert, defstruct

from muster.application.structure import MOST_FAULTS, faults_of_checks, faults_of_value
from muster.domain.errors import Fault
from muster.http.failures import RequestInvalid

__all__ = ["parameter_kinds", "shown_name", "valid_parameters"]

_NOT_SENT = frozenset({"self", "request", "data"})
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of such bytes
_INTEGER = re.compile("-?[0-9]+")

Connection = ASGIConnection[Any, Any, Any, Any]


class _Parameter(Struct, frozen=True):
    kind: Any
    required: bool
    integer: bool


class _Parameters(Struct, frozen=True):
    """What a route asks for.

    Attributes:
        each: By name.
        integers: Names of those that are whole numbers.
        together: A Struct of all, which takes the values of a request in one conversion.
    """

    each: dict[str, _Parameter]
    integers: tuple[str, ...]
    together: type[Struct]


async def valid_parameters(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse a request whose query or path parameters are not what the route asks for.

    A Litestar guard; a coroutine, since Litestar sends any other to a worker thread. Litestar
    itself passes over unknown and repeated parameters, and over the bounds of annotated types.

    Raises:
        RequestInvalid: With every fault.
    """
    if connection.scope.get("method") == HttpMethod.OPTIONS:
        return  # Litestar's own handler: what it is called with, nobody sent.
    known = _parameters(handler.fn)
    pairs, in_path = _pairs(connection.scope["query_string"]), connection.scope["path_params"]
    values: dict[str, Any] = {**dict(pairs), **in_path}
    if len(values) == len(pairs) + len(in_path) and _are_right(values, known):
        return  # A request that is right pays for one conversion, and no more.
    if faults := _faults(pairs, values, known.each):
        raise RequestInvalid(
            "VALIDATION_FAILED", "The request has invalid parameters.", faults[:MOST_FAULTS]
        )


def _are_right(values: dict[str, Any], known: _Parameters) -> bool:
    if _NOT_UTF_8.search("".join(values.values())):
        return False
    if not all(_INTEGER.fullmatch(values[name]) for name in known.integers if name in values):
        return False
    try:
        together = convert(values, known.together, strict=False)
    except ValidationError:
        return False
    return not faults_of_checks(together)


def _faults(
    pairs: list[tuple[str, str]], values: dict[str, Any], known: dict[str, _Parameter]
) -> list[Fault]:
    counts = Counter(name for name, _ in pairs)
    faults = [
        Fault(name, "DUPLICATE", "This parameter comes more than once.")
        for name, count in counts.items()
        if count > 1
    ]
    for name, value in values.items():
        if name in known:
            faults += _faults_of_text(shown_name(name), value, known[name])
        else:
            faults.append(Fault(name, "UNKNOWN", "There is no such parameter."))
    return faults + [
        Fault(name, "MISSING", "This parameter is required.")
        for name, parameter in known.items()
        if parameter.required and name not in values
    ]


def _faults_of_text(path: str, text: str, parameter: _Parameter) -> list[Fault]:
    if _NOT_UTF_8.search(text):
        return [Fault(path, "INVALID", "This is no UTF-8.")]
    if parameter.integer and not _INTEGER.fullmatch(text):
        # Else 5.0 and 1e2 would pass.
        return [Fault(path, "TYPE", "Expected `int`, got `str`")]
    return faults_of_value(text, parameter.kind, path, strict=False)


def parameter_kinds(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the type of each parameter of a route, by its name in the query or the path.

    Args:
        function: The handler's.
    """
    return {name: parameter.kind for name, parameter in _parameters(function).each.items()}


def shown_name(name: str) -> str:
    """Return a path parameter's name as clients see it.

    Args:
        name: As the route's template has it (``zone_id``).
    """
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    return parse_qsl(raw.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")


@cache
def _parameters(function: Callable[..., Any]) -> _Parameters:
    kinds = get_type_hints(function, include_extras=True)
    each = {
        _name(name, kinds[name]): _Parameter(
            kind=_said(kinds[name]),
            required=parameter.default is parameter.empty,
            integer=int in get_args(kinds[name]),
        )
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in _NOT_SENT
    }
    integers = tuple(name for name, parameter in each.items() if parameter.integer)
    return _Parameters(each, integers, _together(each))


def _together(each: dict[str, _Parameter]) -> type[Struct]:
    # Names such as `from` cannot be attributes.
    attributes = {f"parameter_{place}": name for place, name in enumerate(each)}
    fields: list[Any] = [
        (attribute, each[name].kind) if each[name].required else (attribute, each[name].kind, UNSET)
        for attribute, name in attributes.items()
    ]
    return defstruct(
        "Parameters", fields, rename=attributes, kw_only=True, forbid_unknown_fields=True
    )


def _said(kind: Any) -> Any:
    """Return a type without ``None``: a parameter that is there says something.

    Otherwise msgspec would read the text ``null`` as ``None``, which means "not given".
    """
    if get_origin(kind) is Annotated:
        inner, *metas = get_args(kind)
        return Annotated[(_said(inner), *metas)]
    if get_origin(kind) in (Union, types.UnionType):
        return Union[tuple(part for part in get_args(kind) if part is not type(None))]  # noqa: UP007
    return kind


def _name(name: str, kind: Any) -> str:
    definitions = (part for part in get_args(kind) if isinstance(part, ParameterKwarg))
    return next((found.name for found in definitions if found.name), name)
