"""The routes under ``/plugins/auth``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from muster.plugin_api import HttpRoutes, Unauthenticated, caller_of
from muster_auth.authentication import Authentication
from muster_auth.authenticator import bearer_token
from muster_auth.errors import SessionUnknown
from muster_auth.sessions import Client
from muster_auth.shapes import (
    Credentials,
    Me,
    PasswordChange,
    RefreshRequest,
    SessionList,
    SessionShape,
    TokenAnswer,
)
from muster_auth.token_holders import TokenHolder, Tokens

__all__ = ["auth_routes"]

HttpRequest: TypeAlias = Request[Any, Any, Any]
Running: TypeAlias = Callable[[], Authentication]

_NO_STORE = {"cache-control": "no-store"}


def auth_routes(running: Running, access_token_seconds: int) -> Sequence[HttpRoutes]:
    """Return the routes: to log in and to refresh for everybody, the others for who is known.

    Args:
        running: Returns the authentication of the running app.
        access_token_seconds: How long access tokens live.
    """
    return [
        HttpRoutes(_public(running, access_token_seconds), public=True),
        HttpRoutes([*_own_sessions(running), *_own_account(running)]),
    ]


def _public(running: Running, seconds: int) -> list[HTTPRouteHandler]:
    def handed(tokens: Tokens) -> Response[TokenAnswer]:
        answer = TokenAnswer(
            tokens.access_token, "Bearer", seconds, tokens.refresh_token, tokens.session_id
        )
        return Response(answer, headers=_NO_STORE)

    @post("/login", status_code=200, operation_id="logIn", tags=["Accounts"])
    async def log_in(request: HttpRequest, data: JSONBody[Credentials]) -> Response[TokenAnswer]:
        client = _client(request, data.device_id)
        return handed(await running().log_in(data.identifier, data.password, client))

    @post("/refresh", status_code=200, operation_id="refreshTokens", tags=["Accounts"])
    async def refresh(
        request: HttpRequest, data: JSONBody[RefreshRequest]
    ) -> Response[TokenAnswer]:
        client = _client(request, data.device_id)
        return handed(await running().refresh(data.refresh_token, client))

    return [log_in, refresh]


def _own_sessions(running: Running) -> list[HTTPRouteHandler]:
    @post("/logout", status_code=204, operation_id="logOut", tags=["Accounts"])
    async def log_out(request: HttpRequest) -> None:
        await running().log_out(await _holder(running, request))

    @post("/logout-everywhere", status_code=204, operation_id="logOutEverywhere", tags=["Accounts"])
    async def log_out_everywhere(request: HttpRequest) -> None:
        await running().log_out_everywhere(await _holder(running, request))

    @get("/sessions", operation_id="listOwnSessions", tags=["Accounts"])
    async def sessions(request: HttpRequest) -> Response[SessionList]:
        holder = await _holder(running, request)
        shown = [
            SessionShape(
                one.id,
                one.user_agent,
                one.created_at,
                one.last_used_at,
                current=one.id == holder.claims.sid,
            )
            for one in await running().sessions(holder)
        ]
        return Response(SessionList(shown), headers=_NO_STORE)

    @delete("/sessions/{session_id:str}", operation_id="endOwnSession", tags=["Accounts"])
    async def end_session(request: HttpRequest, session_id: FromPath[str]) -> None:
        holder = await _holder(running, request)
        try:
            wanted = UUID(session_id)
        except ValueError:
            raise SessionUnknown("There is no such session.") from None
        await running().end_session(holder, wanted)

    return [log_out, log_out_everywhere, sessions, end_session]


def _own_account(running: Running) -> list[HTTPRouteHandler]:
    @post("/password", status_code=204, operation_id="changeOwnPassword", tags=["Accounts"])
    async def change_password(request: HttpRequest, data: JSONBody[PasswordChange]) -> None:
        holder = await _holder(running, request)
        caller = caller_of(request)
        await running().change_password(holder, data.current_password, data.new_password, caller)

    @get("/me", operation_id="showMe", tags=["Accounts"])
    async def me(request: HttpRequest) -> Response[Me]:
        holder = await _holder(running, request)
        principal = holder.principal
        account = None if holder.standing.account_id is None else await running().account(holder)
        answer = Me(
            account_id=account.id if account else None,
            identifier=account.identifier if account else None,
            display_name=account.display_name if account else None,
            role=holder.standing.role.value,
            permissions=sorted(permission.value for permission in principal.permissions),
            franchise_id=principal.scope.franchise_id,
            trainer_id=principal.scope.trainer_id,
            client_id=principal.scope.client_id,
        )
        return Response(answer, headers=_NO_STORE)

    return [change_password, me]


def _client(request: HttpRequest, device_id: str) -> Client:
    return Client(device_id, request.headers.get("user-agent", ""), caller_of(request))


async def _holder(running: Running, request: HttpRequest) -> TokenHolder:
    # Another plugin may know them by something else, which has no session here.
    token = bearer_token(request.headers.get("authorization"))
    if token is None:
        raise Unauthenticated("This needs an access token.")
    return await running().holder(token)
