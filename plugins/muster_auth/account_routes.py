"""The routes by which others than their owners deal with accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from litestar import Response, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from muster.plugin_api import (
    HttpRoutes,
    IdText,
    Limit,
    Listing,
    Role,
    Sorting,
    caller_of,
    page_request,
    paged,
)
from muster_auth.account_desk import AccountDesk
from muster_auth.account_register import AccountOrder
from muster_auth.account_shapes import (
    AccountShape,
    InvitationAcceptance,
    NewInvitation,
    Nothing,
    PasswordResetConfirmation,
    PasswordResetRequest,
    RoleChange,
    account_shape,
)
from muster_auth.accounts import Account
from muster_auth.exchanges import HttpRequest, private

__all__ = ["account_routes"]

Desk: TypeAlias = Callable[[], AccountDesk]
AccountSort = Literal["identifier", "-identifier"]
Prefix = Annotated[str, Meta(min_length=1, max_length=320, pattern=r"^[^\x00]+$")]

_SORTING = Sorting(AccountOrder, {AccountOrder.IDENTIFIER: str})
_TAGS = ["Administration of accounts"]


def account_routes(desk: Desk) -> Sequence[HttpRoutes]:
    """Return the routes: for administrators, and for who holds a token that was mailed.

    Args:
        desk: Returns that of the running app.
    """
    return [
        HttpRoutes([*_shown(desk), *_changed(desk)], strict_parameters=True),
        HttpRoutes(_public(desk), public=True, strict_parameters=True),
    ]


def _shown(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/accounts", operation_id="listAccounts", tags=_TAGS)
    async def accounts(
        request: HttpRequest,
        role: FromQuery[Role | None] = None,
        identifier: FromQuery[Prefix | None] = None,
        sort: FromQuery[AccountSort] = "identifier",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Response[Listing[AccountShape]]:
        """List accounts, page by page: of a role, and whose identifier begins so."""
        wanted = page_request(request, _SORTING, sort, cursor, limit)
        found = await desk().administration.page(role, identifier or "", wanted, caller_of(request))
        return private(paged(request, found, sort, limit, account_shape))

    @get("/accounts/{account_id:str}", operation_id="getAccount", tags=_TAGS)
    async def account(request: HttpRequest, account_id: FromPath[IdText]) -> Response[AccountShape]:
        """Show an account."""
        found = await desk().administration.account(UUID(account_id), caller_of(request))
        return _shape(found)

    return [accounts, account]


def _changed(desk: Desk) -> list[HTTPRouteHandler]:
    @post("/accounts/invite", operation_id="inviteAccount", tags=_TAGS)
    async def invite(request: HttpRequest, data: JSONBody[NewInvitation]) -> Response[AccountShape]:
        """Invite somebody by mail; once more where they have not accepted yet (200)."""
        invited = await desk().invitations.invite(data.invitee, caller_of(request))
        return _shape(invited.account, 200 if invited.again else 201)

    @patch("/accounts/{account_id:str}", operation_id="changeAccountRole", tags=_TAGS)
    async def change(
        request: HttpRequest, account_id: FromPath[IdText], data: JSONBody[RoleChange]
    ) -> Response[AccountShape]:
        """Change what an account may do; its sessions end."""
        changed = await desk().administration.set_role(
            UUID(account_id), data.version, data.role, data.scope, caller_of(request)
        )
        return _shape(changed)

    @post(
        "/accounts/{account_id:str}/disable",
        status_code=200,
        operation_id="disableAccount",
        tags=_TAGS,
    )
    async def disable(
        request: HttpRequest, account_id: FromPath[IdText], data: JSONBody[Nothing | None] = None
    ) -> Response[AccountShape]:
        """Let an account in no more; its sessions end."""
        return _shape(await desk().administration.disable(UUID(account_id), caller_of(request)))

    @post(
        "/accounts/{account_id:str}/enable",
        status_code=200,
        operation_id="enableAccount",
        tags=_TAGS,
    )
    async def enable(
        request: HttpRequest, account_id: FromPath[IdText], data: JSONBody[Nothing | None] = None
    ) -> Response[AccountShape]:
        """Let an account in again."""
        return _shape(await desk().administration.enable(UUID(account_id), caller_of(request)))

    @post(
        "/accounts/{account_id:str}/end-sessions",
        status_code=204,
        operation_id="endAccountSessions",
        tags=_TAGS,
    )
    async def end_sessions(
        request: HttpRequest, account_id: FromPath[IdText], data: JSONBody[Nothing | None] = None
    ) -> None:
        """End every session of an account."""
        await desk().administration.end_sessions(UUID(account_id), caller_of(request))

    return [invite, change, disable, enable, end_sessions]


def _public(desk: Desk) -> list[HTTPRouteHandler]:
    @post("/invitations/accept", status_code=204, operation_id="acceptInvitation", tags=_TAGS)
    async def accept(request: HttpRequest, data: JSONBody[InvitationAcceptance]) -> None:
        """Choose a password with the token of an invitation."""
        await desk().invitations.accept(data.token, data.password, caller_of(request))

    @post("/password-reset", status_code=202, operation_id="askForPasswordReset", tags=_TAGS)
    async def ask(request: HttpRequest, data: JSONBody[PasswordResetRequest]) -> Nothing:
        """Ask for a new password; answered alike whether there is such an account or not."""
        await desk().resets.ask(data.identifier, caller_of(request))
        return Nothing()

    @post(
        "/password-reset/confirm",
        status_code=204,
        operation_id="confirmPasswordReset",
        tags=_TAGS,
    )
    async def confirm(request: HttpRequest, data: JSONBody[PasswordResetConfirmation]) -> None:
        """Choose a new password with the token that was mailed; all sessions end."""
        await desk().resets.confirm(data.token, data.new_password, caller_of(request))

    return [accept, ask, confirm]


def _shape(account: Account, status: int = 200) -> Response[AccountShape]:
    return private(account_shape(account), status)
