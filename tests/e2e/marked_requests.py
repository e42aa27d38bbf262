"""Requests to every operation of the OpenAPI document, with marks wherever a person could stand.

They are made from the document's own examples, so that a new route is asked like the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

__all__ = ["LATITUDE", "LONGITUDE", "MAIL", "MARK", "MARKS", "PHONE", "Asked", "every_request"]

MARK = "Quixotine"
MAIL = f"{MARK}@example.org"
PHONE = "+91 7770001113"
LATITUDE, LONGITUDE = 16.5098765, 80.6412398
MARKS = (MARK.lower(), "7770001113", "16.50987", "80.64123")
"""What stands in no line; to be sought in lower case."""

_COORDINATES = {"latitude": LATITUDE, "longitude": LONGITUDE}
_NEVER_FREE = {"timeZone", "rankingPolicy"}
"""Strings without a pattern, whose values are names of a closed set."""

_JSON = ("Content-Type", "application/json")


class Asked(NamedTuple):
    """One request."""

    operation_id: str
    method: str
    target: str
    body: bytes | None
    headers: list[tuple[str, str]]


def every_request(document: Any, ids: Mapping[str, str]) -> Iterator[Asked]:
    """Yield requests that are right, refused and malformed, to each operation.

    Args:
        document: The OpenAPI document.
        ids: Of things that are there, by the name of the path's parameter.
    """
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield from _of_operation(document, path, method.upper(), operation, ids)


def _of_operation(
    document: Any, path: str, method: str, operation: Any, ids: Mapping[str, str]
) -> Iterator[Asked]:
    name = operation["operationId"]
    there = re.sub(r"\{(\w+)\}", lambda found: quote(ids[found[1]]), path)
    nowhere = re.sub(r"\{\w+\}", MARK, path)
    queries = list(_queries(document, operation, ids))
    bodies = [*_bodies(document, operation), (None, [])]
    for query in queries:
        yield Asked(name, method, there + query, *bodies[0])
    for body, headers in bodies[1:]:
        yield Asked(name, method, there + queries[0], body, headers)
    yield Asked(name, method, nowhere + queries[0], *bodies[0])
    yield Asked(name, method, f"{there}/{MARK}", *bodies[0])
    yield Asked(name, "PROPFIND", there + queries[0], None, [])
    secret = [("Authorization", f"Bearer {MARK}"), ("Cookie", f"name={MARK}"), ("Host", MARK)]
    yield Asked(name, method, there + queries[0], None, secret)


def _queries(document: Any, operation: Any, ids: Mapping[str, str]) -> Iterator[str]:
    asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    right = {one["name"]: _right(document, one, ids) for one in asked if one["required"]}
    yield _query(right)
    everything = {one["name"]: _right(document, one, ids) for one in asked}
    yield _query({name: value for name, value in everything.items() if name != "cursor"})
    for one in asked:
        yield _query(right | {one["name"]: MARK})
    yield _query(right | {MARK: MARK})


def _right(document: Any, parameter: Any, ids: Mapping[str, str]) -> str:
    name, schema = parameter["name"], _resolved(document, parameter["schema"])
    if name in _COORDINATES:
        return str(_COORDINATES[name])
    if name in ids:
        return ids[name]
    for one in schema.get("anyOf", schema.get("oneOf", [schema])):
        found = _resolved(document, one)
        if "enum" in found:
            return str(found["enum"][0])
        if found.get("type") == "integer":
            return str(found.get("minimum", 1))
    return MARK


def _query(parameters: Mapping[str, str]) -> str:
    return f"?{urlencode(parameters)}" if parameters else ""


def _bodies(document: Any, operation: Any) -> Iterator[tuple[bytes | None, list[tuple[str, str]]]]:
    """Yield bodies, the right one first."""
    if "requestBody" not in operation:
        yield None, []
        yield json.dumps({MARK: MARK}).encode(), [_JSON]
        return
    (content,) = operation["requestBody"]["content"].values()
    right = _marked(document, content["schema"], content["example"])
    wrong = [
        right | {MARK: MARK},
        dict.fromkeys(_resolved(document, content["schema"])["properties"], MARK),
        _everywhere(right),
        {name: MARK * 2_000 if value == MARK else value for name, value in right.items()},
        [MARK],
        MARK,
    ]
    for body in (right, *wrong):
        yield json.dumps(body).encode(), [_JSON]
    for raw in (b'{"' + MARK.encode(), MARK.encode() + b"\xff\xfe", f'{{"a": {MARK}}}'.encode()):
        yield raw, [_JSON]
    twice = f'{{"{MARK}": 1, "{MARK}": 2}}'.encode()
    yield twice, [_JSON]
    yield json.dumps(right).encode(), [("Content-Type", f"text/{MARK}")]


def _marked(document: Any, schema: Any, example: Any) -> Any:
    """Return an example with every string that a client may choose freely replaced by a mark."""
    schema = _resolved(document, schema)
    properties = schema.get("properties", {})
    if set(_COORDINATES) <= set(properties):
        return dict(_COORDINATES)
    if schema.get("type") == "array" and isinstance(example, list):
        return [_marked(document, schema["items"], one) for one in example]
    if not isinstance(example, dict):
        return example
    marked = {
        name: _marked(document, properties[name], value) if name in properties else value
        for name, value in example.items()
    }
    for name, one in properties.items():
        mark = _mark_for(document, one)
        if mark is not None and name not in _NEVER_FREE:
            marked[name] = mark
    return marked


def _mark_for(document: Any, schema: Any) -> str | None:
    schema = _resolved(document, schema)
    for one in schema.get("anyOf", [schema]):
        found = _resolved(document, one)
        if found.get("type") != "string" or "format" in found or "enum" in found:
            continue
        pattern = found.get("pattern", "")
        for mark in (MARK, MAIL, PHONE):
            if re.search(pattern, mark):
                return mark
    return None


def _everywhere(value: Any) -> Any:
    """Return a document in which every leaf is a mark."""
    if isinstance(value, dict):
        return {name: _everywhere(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_everywhere(one) for one in value]
    return MARK


def _resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
