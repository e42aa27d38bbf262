"""The routes under ``/plugins/auth/keys``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from muster.plugin_api import HttpRoutes, Permission, authorize, caller_of
from muster_auth.errors import ApiKeyUnknown
from muster_auth.key_orders import ApiKeyOrder, ApiKeyRotation
from muster_auth.key_shapes import ApiKeyList, MadeApiKey, key_shape, made_key_shape
from muster_auth.services import Services

__all__ = ["key_routes"]

HttpRequest: TypeAlias = Request[Any, Any, Any]

_NO_STORE = {"cache-control": "no-store"}
_TAGS = ["API keys"]


def key_routes(running: Callable[[], Services]) -> Sequence[HttpRoutes]:
    """Return the routes, for who manages keys.

    Args:
        running: Returns the services of the running app.
    """

    @post("/", operation_id="createApiKey", tags=_TAGS)
    async def create(request: HttpRequest, data: JSONBody[ApiKeyOrder]) -> Response[MadeApiKey]:
        made = await running().keys.create(data, caller_of(request))
        return Response(made_key_shape(made), headers=_NO_STORE)

    @get("/", operation_id="listApiKeys", tags=_TAGS)
    async def listed(request: HttpRequest) -> Response[ApiKeyList]:
        found = await running().keys.listed(caller_of(request))
        return Response(ApiKeyList([key_shape(key) for key in found]), headers=_NO_STORE)

    @post("/{key_id:str}/rotate", operation_id="rotateApiKey", tags=_TAGS)
    async def rotate(
        request: HttpRequest, key_id: FromPath[str], data: JSONBody[ApiKeyRotation]
    ) -> Response[MadeApiKey]:
        made = await running().keys.rotate(_id(key_id), data, caller_of(request))
        return Response(made_key_shape(made), headers=_NO_STORE)

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
    try:
        return UUID(text)
    except ValueError:
        raise ApiKeyUnknown("There is no such API key.") from None
