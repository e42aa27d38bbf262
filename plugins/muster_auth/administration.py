"""Administering accounts: who may log in, and as what.

It stands beside the dispatcher, not in it, and keeps to the same order: the permission first,
one unit of work, the entry of the audit trail in it, the commit before the answer.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster.domain.versions import expect_version
from muster.plugin_api import (
    EVERYTHING,
    Caller,
    Forbidden,
    Permission,
    Role,
    Scope,
    authorize,
)
from muster.ports.paging import Page, PageRequest
from muster.ports.unit_of_work import Connection
from muster_auth.account_register import (
    AccountOrder,
    account_to_change,
    change_disabled,
    change_role,
    is_last_administrator,
    page_of_accounts,
    take_turn,
    void_invitation,
)
from muster_auth.accounts import Account, account_by_id, account_by_identifier, role_in_scope
from muster_auth.audited_accounts import audited_bounds
from muster_auth.errors import AccountUnknown, LastAdministrator
from muster_auth.identifiers import canonical
from muster_auth.workings import Workings

__all__ = ["Administration", "refuse_others"]


class Administration:
    """What administrators do to accounts; each method refuses who is none."""

    def __init__(self, workings: Workings) -> None:
        """Work in one running app."""
        self._units = workings.units
        self._clock = workings.clock
        self._notes = workings.notes
        self._sessions = workings.sessions
        self._standings = workings.standings

    async def page(
        self, role: Role | None, prefix: str, request: PageRequest[AccountOrder], caller: Caller
    ) -> Page[Account]:
        """Return a page of accounts, of one role and with a beginning where these are given."""
        refuse_others(caller)
        async with self._units() as unit:
            return await page_of_accounts(unit.connection, role, canonical(prefix), request)

    async def account(self, account_id: UUID, caller: Caller) -> Account:
        """Return an account.

        Raises:
            AccountUnknown: There is none.
        """
        refuse_others(caller)
        async with self._units() as unit:
            return _found(await account_by_id(unit.connection, account_id))

    async def named(self, identifier: str, caller: Caller) -> Account:
        """Return the account that is called so.

        Raises:
            AccountUnknown: There is none.
        """
        refuse_others(caller)
        async with self._units() as unit:
            return _found(await account_by_identifier(unit.connection, canonical(identifier)))

    async def set_role(
        self, account_id: UUID, version: int, role: Role, scope: Scope, caller: Caller
    ) -> Account:
        """Change what an account may do, and end its sessions; the same as before is no change.

        Args:
            account_id: Which.
            version: That its author has read.
            role: What it may do.
            scope: On what.
            caller: On whose behalf.

        Raises:
            AccountUnknown: There is none.
            VersionConflict: Somebody else changed it since.
            AccountRefused: The scope is not the role's.
            LastAdministrator: Nobody else could administer accounts.
        """
        refuse_others(caller)
        role_in_scope(role, scope)
        async with self._units() as unit:
            before = await _account_in_turn(unit.connection, account_id)
            expect_version(before.version, version)
            if (before.role, before.scope) == (role, scope):
                return before
            if role is not Role.COMPANY_ADMIN:
                await _keep_an_administrator(unit.connection, before)
            now = self._clock.now()
            after = await change_role(unit.connection, account_id, role, scope, now)
            ended = await self._sessions.end_all(unit.connection, account_id, "role change")
            await self._notes.note(
                unit,
                caller,
                "ChangeRole",
                account_id,
                before=audited_bounds(before),
                after=audited_bounds(after),
            )
            await unit.commit()
        self._standings.forget_all(ended)
        return after

    async def disable(self, account_id: UUID, caller: Caller) -> Account:
        """Let an account in no more, end its sessions, and void its invitation.

        A second time changes nothing.

        Raises:
            AccountUnknown: There is none.
            LastAdministrator: Nobody else could administer accounts.
        """
        return await self._set_disabled(account_id, caller, disabled=True)

    async def enable(self, account_id: UUID, caller: Caller) -> Account:
        """Let an account in again; a second time changes nothing.

        Raises:
            AccountUnknown: There is none.
        """
        return await self._set_disabled(account_id, caller, disabled=False)

    async def end_sessions(self, account_id: UUID, caller: Caller) -> None:
        """End every session of an account.

        Raises:
            AccountUnknown: There is none.
        """
        refuse_others(caller)
        async with self._units() as unit:
            _found(await account_to_change(unit.connection, account_id))
            ended = await self._sessions.end_all(unit.connection, account_id, "administrator")
            told = {"sessions": len(ended)}
            await self._notes.note(unit, caller, "EndSessions", account_id, after=told)
            await unit.commit()
        self._standings.forget_all(ended)

    async def _set_disabled(self, account_id: UUID, caller: Caller, *, disabled: bool) -> Account:
        refuse_others(caller)
        async with self._units() as unit:
            before = await _account_in_turn(unit.connection, account_id)
            if before.disabled == disabled:
                return before
            if disabled:
                await _keep_an_administrator(unit.connection, before)
                await void_invitation(unit.connection, account_id)
            now = self._clock.now()
            after = await change_disabled(unit.connection, account_id, now, disabled=disabled)
            # Also when it is let in again: what was begun before it was disabled stays dead.
            ended = await self._sessions.end_all(unit.connection, account_id, "disabled")
            await self._notes.note(
                unit,
                caller,
                "DisableAccount" if disabled else "EnableAccount",
                account_id,
                before=_audited_state(before),
                after=_audited_state(after),
            )
            await unit.commit()
        self._standings.forget_all(ended)
        return after


def refuse_others(caller: Caller) -> None:
    """Refuse who does not administer accounts.

    Who is bound to a franchise, a trainer or a client does not, whatever they hold: an account
    without bounds would be theirs to make.

    Raises:
        Unauthenticated: Nobody is known.
        Forbidden: They do not.
    """
    principal = authorize(caller.principal, Permission.ACCOUNTS_MANAGE)
    if principal.scope != EVERYTHING:
        raise Forbidden("Who is bound to a part of the company administers no accounts.")


def _audited_state(account: Account) -> dict[str, Any]:
    return {"disabled": account.disabled, "version": account.version}


def _found(account: Account | None) -> Account:
    if account is None:
        raise AccountUnknown("There is no such account.")
    return account


async def _account_in_turn(connection: Connection, account_id: UUID) -> Account:
    await take_turn(connection)
    return _found(await account_to_change(connection, account_id))


async def _keep_an_administrator(connection: Connection, account: Account) -> None:
    if await is_last_administrator(connection, account.id):
        raise LastAdministrator("This is the last account that can administer accounts.")
