"""The routes under ``/plugins/auth``."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from muster.plugin_api import HttpRoutes, caller_of
from muster_auth.errors import SessionUnknown
from muster_auth.exchanges import (
    HttpRequest,
    Running,
    client_of,
    holder_of,
    id_of,
    private,
    token_answer,
)
from muster_auth.pending_logins import Pending
from muster_auth.second_factor_shapes import SecondStepAnswer, second_step_answer
from muster_auth.shapes import (
    Credentials,
    Me,
    PasswordChange,
    RefreshRequest,
    SessionList,
    SessionShape,
    TokenAnswer,
)

__all__ = ["auth_routes"]


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
    @post("/login", status_code=200, operation_id="logIn", tags=["Accounts"])
    async def log_in(
        request: HttpRequest, data: JSONBody[Credentials]
    ) -> Response[TokenAnswer | SecondStepAnswer]:
        client = client_of(request, data.device_id)
        found = await running().log_in(data.identifier, data.password, client)
        if isinstance(found, Pending):
            return private(second_step_answer(found))
        return private(token_answer(found, seconds))

    @post("/refresh", status_code=200, operation_id="refreshTokens", tags=["Accounts"])
    async def refresh(
        request: HttpRequest, data: JSONBody[RefreshRequest]
    ) -> Response[TokenAnswer]:
        client = client_of(request, data.device_id)
        return private(token_answer(await running().refresh(data.refresh_token, client), seconds))

    return [log_in, refresh]


def _own_sessions(running: Running) -> list[HTTPRouteHandler]:
    @post("/logout", status_code=204, operation_id="logOut", tags=["Accounts"])
    async def log_out(request: HttpRequest) -> None:
        holder = await holder_of(running, request)
        await running().own_sessions.log_out(holder, caller_of(request))

    @post("/logout-everywhere", status_code=204, operation_id="logOutEverywhere", tags=["Accounts"])
    async def log_out_everywhere(request: HttpRequest) -> None:
        holder = await holder_of(running, request)
        await running().own_sessions.log_out_everywhere(holder, caller_of(request))

    @get("/sessions", operation_id="listOwnSessions", tags=["Accounts"])
    async def sessions(request: HttpRequest) -> Response[SessionList]:
        holder = await holder_of(running, request)
        shown = [
            SessionShape(
                one.id,
                one.user_agent,
                one.created_at,
                one.last_used_at,
                current=one.id == holder.claims.sid,
            )
            for one in await running().own_sessions.live(holder)
        ]
        return private(SessionList(shown))

    @delete("/sessions/{session_id:str}", operation_id="endOwnSession", tags=["Accounts"])
    async def end_session(request: HttpRequest, session_id: FromPath[str]) -> None:
        holder = await holder_of(running, request)
        wanted = id_of(session_id, SessionUnknown("There is no such session."))
        await running().own_sessions.end(holder, wanted, caller_of(request))

    return [log_out, log_out_everywhere, sessions, end_session]


def _own_account(running: Running) -> list[HTTPRouteHandler]:
    @post("/password", status_code=204, operation_id="changeOwnPassword", tags=["Accounts"])
    async def change_password(request: HttpRequest, data: JSONBody[PasswordChange]) -> None:
        holder = await holder_of(running, request)
        caller = caller_of(request)
        await running().change_password(holder, data.current_password, data.new_password, caller)

    @get("/me", operation_id="showMe", tags=["Accounts"])
    async def me(request: HttpRequest) -> Response[Me]:
        holder = await holder_of(running, request)
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
            second_factor=account is not None
            and await running().own_second_factor.is_on(account.id),
        )
        return private(answer)

    return [change_password, me]
