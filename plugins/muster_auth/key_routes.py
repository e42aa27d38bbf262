"""The routes under ``/plugins/auth/keys``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from muster.plugin_api import HttpRoutes, Permission, authorize, caller_of
from muster_auth.errors import ApiKeyUnknown
from muster_auth.exchanges import HttpRequest, id_of, private
from muster_auth.key_orders import ApiKeyOrder, ApiKeyRotation
from muster_auth.key_shapes import ApiKeyList, MadeApiKey, key_shape, made_key_shape
from muster_auth.services import Services

__all__ = ["key_routes"]

_TAGS = ["API keys"]


def key_routes(running: Callable[[], Services]) -> Sequence[HttpRoutes]:
    """Return the routes, for who manages keys.

    Args:
        running: Returns the services of the running app.
    """

    @post("/", operation_id="createApiKey", tags=_TAGS)
    async def create(request: HttpRequest, data: JSONBody[ApiKeyOrder]) -> Response[MadeApiKey]:
        made = await running().keys.create(data, caller_of(request))
        return private(made_key_shape(made))

    @get("/", operation_id="listApiKeys", tags=_TAGS)
    async def listed(request: HttpRequest) -> Response[ApiKeyList]:
        found = await running().keys.listed(caller_of(request))
        return private(ApiKeyList([key_shape(key) for key in found]))

    @post("/{key_id:str}/rotate", operation_id="rotateApiKey", tags=_TAGS)
    async def rotate(
        request: HttpRequest, key_id: FromPath[str], data: JSONBody[ApiKeyRotation]
    ) -> Response[MadeApiKey]:
        made = await running().keys.rotate(_id(key_id), data, caller_of(request))
        return private(made_key_shape(made))

    @delete("/{key_id:str}", operation_id="revokeApiKey", tags=_TAGS)
    async def revoke(request: HttpRequest, key_id: FromPath[str]) -> None:
        await running().keys.revoke(_id(key_id), caller_of(request))

    return [
        HttpRoutes(
            [
                Router(
                    "/keys",
                    route_handlers=[create, listed, rotate, revoke],
                    guards=[_managers_alone],
                )
            ]
        )
    ]


def _managers_alone(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Let who may not manage keys learn nothing of what is wrong with their request."""
    authorize(caller_of(connection).principal, Permission.KEYS_MANAGE)


def _id(text: str) -> UUID:
    return id_of(text, ApiKeyUnknown("There is no such API key."))
