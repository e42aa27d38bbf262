"""A new password for who forgot theirs: by a token that was mailed to them.

To ask for one counts and asks for a job, the same for an address that somebody has and for one that
nobody has: who is asked for is looked up by the job alone.
"""

from __future__ import annotations

from datetime import timedelta

from muster.plugin_api import Caller
from muster.ports.notifier import is_address
from muster_auth.accounts import ACCOUNT_COLUMNS, account_of, change_hash
from muster_auth.audited_accounts import actor_of
from muster_auth.errors import TokenRefused
from muster_auth.identifiers import canonical, counted_as
from muster_auth.mail_orders import MailOrders
from muster_auth.mailed_tokens import TokenPurpose, mailed_token_hash
from muster_auth.workings import Workings

__all__ = ["RESET_WINDOW", "PasswordResets"]

RESET_WINDOW = timedelta(hours=1)
"""In which it is counted how often was asked."""

_ASK = """
    INSERT INTO auth_password_resets AS r (identifier_hash, expires_at, since, asked)
    VALUES ($1, $2, $2, 1)
    ON CONFLICT (identifier_hash) DO UPDATE SET
        since = CASE WHEN r.since <= $3 THEN excluded.since ELSE r.since END,
        asked = CASE WHEN r.since <= $3 THEN 1 ELSE r.asked + 1 END
    WHERE r.since <= $3 OR r.asked < $4
    RETURNING asked
"""
"""Counts; no row where it was asked too often."""

_WHOSE = f"""
    SELECT {ACCOUNT_COLUMNS} FROM auth_accounts
    WHERE (id, version) = (
        SELECT account_id, account_version FROM auth_password_resets
        WHERE token_hash = $1 AND expires_at > $2
    )
"""  # noqa: S608 - constants
_USE = """
    UPDATE auth_password_resets SET token_hash = NULL
    WHERE token_hash = $1 AND expires_at > $2 RETURNING account_id
"""
"""The one conditional update: whoever comes second finds no such token."""


class PasswordResets:
    """Asks that tokens be mailed, and takes new passwords for them."""

    def __init__(self, workings: Workings, orders: MailOrders) -> None:
        """Work in one running app.

        Args:
            workings: Of the app.
            orders: Take what is to be mailed.
        """
        self._units = workings.units
        self._clock = workings.clock
        self._hashing = workings.hashing
        self._lockout = workings.lockout
        self._notes = workings.notes
        self._sessions = workings.sessions
        self._settings = workings.settings
        self._standings = workings.standings
        self._orders = orders

    async def ask(self, identifier: str, caller: Caller) -> None:
        """Ask that a token be mailed to who is called so, if anybody is.

        Nobody is told whether it will be: not where nobody is called so, where they are disabled
        or only invited, or where it was asked too often. Of what is no address nothing is kept.
        """
        address = canonical(identifier)
        if not is_address(address):
            return
        async with self._units() as unit:
            now = self._clock.now()
            most = self._settings.password_resets_per_hour
            row = await unit.connection.fetchrow(
                _ASK, counted_as(address), now, now - RESET_WINDOW, most
            )
            if row is None:
                return
            await self._orders.password_reset(unit, address, caller)
            await unit.commit()

    async def confirm(self, token: str, new: str, caller: Caller) -> None:
        """Set a new password and end all sessions. A second factor is asked for as before.

        Failed attempts count no more: who reads the mail has shown to be the owner.

        Raises:
            TokenRefused: It opens nothing, or nothing any more.
            PasswordRefused: The password breaks rules; the token stays good.
            TooManyLogins: Too many passwords are being evaluated.
        """
        stored = mailed_token_hash(TokenPurpose.PASSWORD_RESET, token)
        async with self._units() as unit:
            row = await unit.connection.fetchrow(_WHOSE, stored, self._clock.now())
        if row is None:
            raise TokenRefused
        account = account_of(row)
        hashed = await self._hashing.of_new(
            new,
            shortest=self._settings.shortest_password(second_factor=False),
            about=(account.identifier, account.display_name),
        )
        async with self._units() as unit:
            connection = unit.connection
            if await connection.fetchrow(_USE, stored, self._clock.now()) is None:
                raise TokenRefused
            if not await change_hash(connection, self._clock, account, hashed):
                raise TokenRefused
            await self._lockout.forgive(account.identifier, connection)
            ended = await self._sessions.end_all(connection, account.id, "password reset")
            actor = actor_of(account.id)
            await self._notes.note(unit, caller, "ResetPassword", account.id, actor=actor)
            await unit.commit()
        self._standings.forget_all(ended)
