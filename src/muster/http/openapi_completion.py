"""What Litestar cannot derive of the API's description: exact schemas, examples, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

from litestar import Litestar

from muster.http.derived_examples import example_of, with_nulls
from muster.http.envelope import ErrorEnvelope, Problem
from muster.http.examples import ERROR_EXAMPLE, EXAMPLES, OperationExample
from muster.http.openapi_security import SECURITY_SCHEMES, closed_operations
from muster.http.openapi_types import COMPONENTS, OperationSchemas, operation_schemas
from muster.http.parameters import shown_name

__all__ = ["complete"]

_JSON = "application/json"
_PROBLEM_JSON = "application/problem+json"
_EVENT_STREAM = "text/event-stream"
_TEMPLATED = re.compile(r"\{(\w+)\}")


def complete(schema: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """Return an OpenAPI document with exact schemas, examples and error answers.

    Args:
        schema: As Litestar derives it; left as it is.
        app: Whose routes it describes.
    """
    document = deepcopy(schema)
    described, components = operation_schemas(app, EXAMPLES, (ErrorEnvelope, Problem))
    document["components"]["schemas"].update(components)
    document["components"]["securitySchemes"] = SECURITY_SCHEMES
    closed = closed_operations(app)
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "operationId" in operation:
                id_ = operation["operationId"]
                if id_ in described:
                    _describe(operation, described[id_], EXAMPLES[id_])
                _complete_operation(operation)
                operation["security"] = [{name: []} for name in SECURITY_SCHEMES if id_ in closed]
                _exemplify(operation, document["components"]["schemas"])
    document["paths"] = {
        _TEMPLATED.sub(lambda name: f"{{{shown_name(name[1])}}}", path): item
        for path, item in document["paths"].items()
    }
    _prune(document)
    return document


def _describe(
    operation: dict[str, Any], schemas: OperationSchemas, examples: OperationExample
) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = schemas.parameters[parameter["name"]]
    if schemas.request is not None:
        content = {"schema": schemas.request, "example": examples.request}
        operation["requestBody"] = {
            "content": {_JSON: content},
            "required": schemas.request_required,
        }
    for answer in operation["responses"].values():
        for media_type in answer.get("content", ()):
            answer["content"][media_type] = {
                "schema": schemas.response,
                "example": examples.response,
            }


def _complete_operation(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["name"] = shown_name(parameter["name"])
    # What Litestar says of 400 is not what is answered here.
    operation["responses"].pop("400", None)
    operation["responses"]["default"] = {
        "description": "Refused or failed; the code tells which. See the error catalogue.",
        "content": {
            _JSON: {"schema": _reference(ErrorEnvelope), "example": ERROR_EXAMPLE},
            _PROBLEM_JSON: {"schema": _reference(Problem)},
        },
    }


def _exemplify(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Give an example wherever there is none; one that cannot be made is left out."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type, content in part.get("content", {}).items():
            if media_type == _EVENT_STREAM:
                # A schema would be that of one event, of which OpenAPI 3.1 can say nothing.
                content.pop("schema", None)
            elif given := content.pop("examples", None):
                example = next(iter(given.values()))["value"]
                content["example"] = with_nulls(example, content["schema"], components)
            elif "schema" in content and "example" not in content:
                with suppress(ValueError):
                    content["example"] = example_of(content["schema"], components)


def _reference(kind: type) -> dict[str, str]:
    return {"$ref": COMPONENTS + kind.__name__}


def _prune(document: dict[str, Any]) -> None:
    """Leave out the schemas that nothing refers to any more."""
    schemas = document["components"]["schemas"]
    wanted = set(_references(document["paths"]))
    new = wanted
    while new:
        new = {name for one in new for name in _references(schemas[one])} - wanted
        wanted |= new
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(wanted)}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix(COMPONENTS)
        for one in part.values():
            yield from _references(one)
    elif isinstance(part, list):
        for one in part:
            yield from _references(one)
