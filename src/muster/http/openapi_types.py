"""The types behind the API's description, as msgspec describes them.

What Litestar derives loses the bounds and forms of optional fields, list items and
parameters, and that unknown fields are refused; so these schemas take the place of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.routes import HTTPRoute
from msgspec import Struct

from muster.http.body import body_struct
from muster.http.parameters import parameter_kinds

__all__ = ["COMPONENTS", "OperationSchemas", "operation_schemas"]

COMPONENTS = "#/components/schemas/"
"""Where a document keeps the schemas that others refer to."""


class OperationSchemas(Struct, frozen=True):
    """The schemas of one operation.

    Attributes:
        request: Of the body; ``None`` where none is sent.
        request_required: Whether the body must be sent.
        response: Of the answer.
        parameters: Of each parameter, by its name in the query or the path template.
    """

    request: Any
    request_required: bool
    response: Any
    parameters: dict[str, Any]


class _OperationTypes(Struct, frozen=True):
    request: Any
    request_required: bool
    response: Any
    parameters: dict[str, Any]

    def all(self) -> Iterable[Any]:
        yield self.response
        yield from self.parameters.values()
        if self.request is not None:
            yield self.request


def operation_schemas(
    app: Litestar, operations: Iterable[str], others: Iterable[type[Struct]]
) -> tuple[dict[str, OperationSchemas], dict[str, Any]]:
    """Return the schemas of operations by their ids, and the components that they refer to.

    Args:
        app: Whose routes are described.
        operations: Their ids; those that it does not have are passed over.
        others: Types that are wanted among the components too.
    """
    handlers = _handlers(app)
    types = {id_: _types(handlers[id_]) for id_ in operations if id_ in handlers}
    kinds = [kind for operation in types.values() for kind in operation.all()] + list(others)
    found, components = msgspec.json.schema_components(kinds, ref_template=COMPONENTS + "{name}")
    # In the order of `kinds`; equal types may not be hashable, so there is no look-up.
    schemas = iter(found)
    described = {}
    for id_, operation in types.items():
        response = next(schemas)
        parameters = {name: _without_null(next(schemas)) for name in operation.parameters}
        request = None if operation.request is None else next(schemas)
        described[id_] = OperationSchemas(request, operation.request_required, response, parameters)
    for component in components.values():
        if "description" in component:
            # The rest of a docstring is for those who read the code.
            component["description"] = component["description"].partition("\n\n")[0]
    return described, components


def _handlers(app: Litestar) -> dict[Any, HTTPRouteHandler]:
    routes = (route for route in app.routes if isinstance(route, HTTPRoute))
    return {handler.operation_id: handler for route in routes for handler in route.route_handlers}


def _types(handler: HTTPRouteHandler) -> _OperationTypes:
    body, answer = handler.parsed_data_field, handler.parsed_return_field
    return _OperationTypes(
        request=None if body is None else body_struct(body),
        request_required=body is not None and not body.is_optional,
        response=get_args(answer.annotation)[0]
        if answer.is_subclass_of(Response)
        else answer.annotation,
        parameters=parameter_kinds(handler.fn),
    )


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema; one that may be left out still cannot be ``null``."""
    solid = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**solid[0], **rest} if len(solid) == 1 else schema
