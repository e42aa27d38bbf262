"""What Litestar cannot derive of the API's description: examples, and the shared errors."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec

from muster.http.envelope import ErrorEnvelope
from muster.http.examples import ERROR_EXAMPLE, EXAMPLES

__all__ = ["complete"]

_JSON = "application/json"
_COMPONENTS = "#/components/schemas/"
_SUCCESS = ("200", "201", "202")


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document with examples and error answers for every operation.

    Args:
        schema: As Litestar derives it; left as it is.
    """
    document = deepcopy(schema)
    (_,), definitions = msgspec.json.schema_components(
        [ErrorEnvelope], ref_template=_COMPONENTS + "{name}"
    )
    document["components"]["schemas"].update(definitions)
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "operationId" in operation:
                _complete_operation(operation)
    return document


def _complete_operation(operation: dict[str, Any]) -> None:
    examples = EXAMPLES.get(operation["operationId"])
    if examples is not None:
        if "requestBody" in operation:
            operation["requestBody"]["content"][_JSON]["example"] = examples.request
        for status in _SUCCESS:
            if status in operation["responses"]:
                operation["responses"][status]["content"][_JSON]["example"] = examples.response
    # What Litestar says of 400 is not what is answered here.
    operation["responses"].pop("400", None)
    operation["responses"]["default"] = {
        "description": "Refused or failed; the code tells which. See the error catalogue.",
        "content": {
            _JSON: {
                "schema": {"$ref": _COMPONENTS + ErrorEnvelope.__name__},
                "example": ERROR_EXAMPLE,
            }
        },
    }
