"""An example made from a schema, for routes that bring none of their own: those of plugins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from muster.http.openapi_types import COMPONENTS

__all__ = ["example_of", "with_nulls"]

_BY_FORMAT = {
    "uuid": "019aa4c1-7c00-7000-8000-000000000001",
    "date-time": "2026-11-21T08:30:00Z",
    "date": "2026-11-21",
    "time": "09:00:00",
    "email": "asha@example.org",
    "uri": "https://example.org",
    "binary": "bytes",
    "byte": "Ynl0ZXM=",
}
_FILLING = "text"
_DEEPEST = 16


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Return a value that a schema allows.

    What ``Meta(examples=…)`` of a field says is taken; that is how a field with a pattern, or
    one whose values should mean something, gets its example.

    Args:
        schema: Of an OpenAPI document.
        components: The schemas that it may refer to.

    Raises:
        ValueError: It has a pattern and no example, or refers to itself without an end.
    """
    return _of(schema, components, 0)


def with_nulls(example: Any, schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Return a given example with the members that are null: Litestar leaves these out.

    Args:
        example: Of a body.
        schema: Of the body.
        components: The schemas that it may refer to.
    """
    if reference := schema.get("$ref"):
        return with_nulls(example, components[reference.removeprefix(COMPONENTS)], components)
    if isinstance(example, list):
        return [with_nulls(one, schema.get("items", {}), components) for one in example]
    if not isinstance(example, dict):
        return example
    properties = schema.get("properties", {})
    missing = dict.fromkeys(name for name in schema.get("required", ()) if name not in example)
    return missing | {
        name: with_nulls(one, properties.get(name, {}), components) for name, one in example.items()
    }


def _of(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("a schema refers to itself without an end")
    if reference := schema.get("$ref"):
        return _of(components[reference.removeprefix(COMPONENTS)], components, depth + 1)
    for told in ("examples", "enum"):
        if schema.get(told):
            return schema[told][0]
    if "const" in schema:
        return schema["const"]
    for several in ("anyOf", "oneOf"):
        if choices := schema.get(several):
            solid = [one for one in choices if one.get("type") != "null"]
            # The bounds of a field that may be null stand beside the choice, not in it.
            bounds = {name: value for name, value in schema.items() if name != several}
            return _of({**bounds, **(solid or choices)[0]}, components, depth + 1)
    if all_of := schema.get("allOf"):
        return _of(all_of[0], components, depth + 1)
    return _of_type(schema, components, depth)


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _of(one, components, depth + 1) for name, one in properties.items()}
    if kind == "array":
        inner = schema.get("items", {})
        return [_of(inner, components, depth + 1) for _ in range(max(1, schema.get("minItems", 0)))]
    if kind == "string":
        return _text(schema)
    if kind in ("integer", "number"):
        return _number(schema) if kind == "number" else int(_number(schema))
    return True if kind == "boolean" else None


def _text(schema: Mapping[str, Any]) -> str:
    text = _BY_FORMAT.get(schema.get("format", ""), _FILLING)
    shortest = schema.get("minLength", 0)
    text = text.ljust(shortest, "t")[: max(shortest, schema.get("maxLength", len(text)))]
    if (pattern := schema.get("pattern")) and not re.search(pattern, text):
        raise ValueError(f"the pattern {pattern!r} needs Meta(examples=…) beside it")
    return text


def _number(schema: Mapping[str, Any]) -> Any:
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    most = schema.get("maximum", schema.get("exclusiveMaximum", least + 1) - 1)
    return max(least, min(1, most))
