"""Invitations: an account that waits for its first password, and a token that was mailed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import Fault
from muster.plugin_api import Caller, Role, Scope
from muster.ports.notifier import is_address
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.account_register import change_invited, take_turn, void_invitation
from muster_auth.accounts import (
    ACCOUNT_COLUMNS,
    Account,
    account_by_id,
    account_by_identifier,
    account_of,
    add_account,
    role_in_scope,
)
from muster_auth.administration import refuse_others
from muster_auth.audited_accounts import actor_of, audited_bounds
from muster_auth.errors import AccountRefused, IdentifierTaken, TokenRefused
from muster_auth.identifiers import canonical, is_another_mailbox
from muster_auth.mail_orders import MailOrders
from muster_auth.mailed_tokens import TokenPurpose, mailed_token_hash
from muster_auth.workings import Workings

__all__ = ["Invitations", "Invited", "Invitee"]

_WHOSE = f"""
    SELECT {ACCOUNT_COLUMNS} FROM auth_accounts
    WHERE id = (SELECT account_id FROM auth_invitations WHERE token_hash = $1 AND expires_at > $2)
        AND password_hash IS NULL AND NOT disabled
"""  # noqa: S608 - constants
_ACCEPT = """
    UPDATE auth_accounts SET password_hash = $2, version = version + 1, updated_at = $3
    WHERE id = $1 AND password_hash IS NULL AND NOT disabled RETURNING id
"""
_USE = """
    DELETE FROM auth_invitations WHERE token_hash = $1 AND expires_at > $2 RETURNING account_id
"""


class Invitee(Struct, frozen=True):
    """Whom to invite, and as what.

    Attributes:
        identifier: Their address of mail.
        display_name: As people are shown it.
        role: What they may do.
        scope: On what.
    """

    identifier: str
    display_name: str
    role: Role
    scope: Scope


class Invited(Struct, frozen=True):
    """Somebody who was invited.

    Attributes:
        account: Theirs.
        again: Whether they were invited before; that invitation is void.
    """

    account: Account
    again: bool


class Invitations:
    """Invites people, and lets them choose their password."""

    def __init__(self, workings: Workings, orders: MailOrders) -> None:
        """Work in one running app.

        Args:
            workings: Of the app.
            orders: Take what is to be mailed.
        """
        self._units = workings.units
        self._clock = workings.clock
        self._entropy = workings.entropy
        self._hashing = workings.hashing
        self._notes = workings.notes
        self._settings = workings.settings
        self._orders = orders

    async def invite(self, invitee: Invitee, caller: Caller) -> Invited:
        """Invite somebody; once more, as long as they have not accepted.

        Raises:
            IdentifierTaken: They have an account, or theirs is disabled.
            AccountRefused: It is no address, or one that names another mailbox in its canonical
                form; or the name or the scope cannot be so.
        """
        refuse_others(caller)
        role_in_scope(invitee.role, invitee.scope)
        address = _mailable(invitee.identifier)
        async with self._units() as unit:
            await take_turn(unit.connection)
            before = await account_by_identifier(unit.connection, address)
            account = await self._waiting(unit, before, invitee)
            await void_invitation(unit.connection, account.id)
            await self._notes.note(
                unit,
                caller,
                "InviteAccount",
                account.id,
                before=before and audited_bounds(before),
                after=audited_bounds(account),
            )
            await self._orders.invitation(unit, account.id, caller)
            await unit.commit()
        return Invited(account, before is not None)

    async def accept(self, token: str, password: str, caller: Caller) -> None:
        """Let who was invited choose their password; the invitation is used up.

        Raises:
            TokenRefused: It invites nobody, or nobody any more.
            PasswordRefused: The password breaks rules; the invitation stays good.
            TooManyLogins: Too many passwords are being evaluated.
        """
        stored = mailed_token_hash(TokenPurpose.INVITATION, token)
        async with self._units() as unit:
            row = await unit.connection.fetchrow(_WHOSE, stored, self._clock.now())
        if row is None:
            raise TokenRefused
        account = account_of(row)
        hashed = await self._hashing.of_new(
            password,
            shortest=self._settings.shortest_password(second_factor=False),
            about=(account.identifier, account.display_name),
            path="password",
        )
        async with self._units() as unit:
            now = self._clock.now()
            await self._use(unit, account.id, stored, hashed, now)
            actor = actor_of(account.id)
            await self._notes.note(unit, caller, "AcceptInvitation", account.id, actor=actor)
            await unit.commit()

    async def _waiting(self, unit: UnitOfWork, before: Account | None, invitee: Invitee) -> Account:
        """Return the account that waits to be accepted, made or changed as it is to be."""
        if before is None:
            account_id = await add_account(
                unit.connection,
                self._clock,
                self._entropy,
                identifier=invitee.identifier,
                display_name=invitee.display_name,
                role=invitee.role,
                scope=invitee.scope,
                password_hash=None,
            )
            added = await account_by_id(unit.connection, account_id)
            assert added is not None, "it was added in this unit"
            return added
        changed = await change_invited(
            unit.connection,
            before.id,
            invitee.display_name,
            invitee.role,
            invitee.scope,
            self._clock.now(),
        )
        if changed is None:
            raise IdentifierTaken("Another account has this identifier.")
        return changed

    async def _use(
        self, unit: UnitOfWork, account_id: UUID, stored: bytes, hashed: str, now: datetime
    ) -> None:
        # The account first, as everywhere; then the invitation, which may be another by now.
        connection = unit.connection
        if await connection.fetchrow(_ACCEPT, account_id, hashed, now) is None:
            raise TokenRefused
        if await connection.fetchrow(_USE, stored, now) is None:
            raise TokenRefused


def _mailable(identifier: str) -> str:
    """Return the canonical form of an address, where it is the same mailbox.

    Raises:
        AccountRefused: It is none, or ``is_another_mailbox``.
    """
    address = canonical(identifier)
    if not is_address(address):
        raise _unreachable("This is no address of mail.")
    if is_another_mailbox(identifier):
        raise _unreachable("Its plain form is another address; invite them at one that has one.")
    return address


def _unreachable(why: str) -> AccountRefused:
    fault = Fault("identifier", "INVALID", why)
    return AccountRefused("Nobody can be invited there.", faults=(fault,))
