"""A new password for who forgot theirs: by a token that was mailed to them.

To ask for one is a single statement, the same for an identifier that somebody has and for one
that nobody has, and it is answered before anything is mailed.
"""

from __future__ import annotations

from datetime import timedelta

from muster.plugin_api import Caller
from muster.ports.notifier import is_address
from muster_auth.accounts import ACCOUNT_COLUMNS, account_of, change_hash, new_id
from muster_auth.errors import TokenRefused
from muster_auth.identifiers import canonical, counted_as, looked_up
from muster_auth.mail_texts import password_reset_notice
from muster_auth.mailed_tokens import TokenPurpose, mailed_token, mailed_token_hash
from muster_auth.outgoing_mail import OutgoingMail
from muster_auth.workings import Workings

__all__ = ["PasswordResets"]

_WINDOW = timedelta(hours=1)
_PAUSE_SECONDS = 1.0
"""How long after the answer a mail is begun: to make one takes longer than to answer."""

_ASK = """
    INSERT INTO auth_password_resets AS r (identifier_hash, account_id, account_version,
        token_hash, expires_at, since, asked)
    SELECT $1, a.id, a.version, $3, $4, $5, 1
    FROM (SELECT) AS always LEFT JOIN auth_accounts AS a
        ON a.identifier = $2 AND NOT a.disabled AND a.password_hash IS NOT NULL
    ON CONFLICT (identifier_hash) DO UPDATE SET
        account_id = excluded.account_id, account_version = excluded.account_version,
        token_hash = excluded.token_hash, expires_at = excluded.expires_at,
        since = CASE WHEN r.since <= $6 THEN excluded.since ELSE r.since END,
        asked = CASE WHEN r.since <= $6 THEN 1 ELSE r.asked + 1 END
    WHERE r.since <= $6 OR r.asked < $7
    RETURNING account_id
"""
"""Counts, and replaces the token before; no row where it was asked too often."""

_FORGET_OLD = """
    DELETE FROM auth_password_resets WHERE identifier_hash IN (
        SELECT identifier_hash FROM auth_password_resets
        WHERE since <= $1 AND expires_at <= $2 ORDER BY since LIMIT 100
        FOR UPDATE SKIP LOCKED
    )
"""
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
    """Mails tokens, and takes new passwords for them."""

    def __init__(self, workings: Workings, mail: OutgoingMail) -> None:
        """Work in one running app.

        Args:
            workings: Of the app.
            mail: Brings tokens.
        """
        self._units = workings.units
        self._clock = workings.clock
        self._entropy = workings.entropy
        self._hashing = workings.hashing
        self._lockout = workings.lockout
        self._notes = workings.notes
        self._sessions = workings.sessions
        self._settings = workings.settings
        self._standings = workings.standings
        self._lifetime = timedelta(minutes=workings.settings.password_reset_minutes)
        self._mail = mail

    async def ask(self, identifier: str) -> None:
        """Mail a token to who is called so, if anybody is; it takes the place of the one before.

        Nobody is told whether it was done: not where nobody is called so, where they are
        disabled or only invited, or where it was asked too often.
        """
        address = canonical(identifier)
        token = mailed_token(TokenPurpose.PASSWORD_RESET, self._entropy)
        async with self._units() as unit:
            now = self._clock.now()
            until = now + self._lifetime
            await unit.connection.execute(_FORGET_OLD, now - _WINDOW, now)
            row = await unit.connection.fetchrow(
                _ASK,
                counted_as(address),
                looked_up(address),
                mailed_token_hash(TokenPurpose.PASSWORD_RESET, token),
                until,
                now,
                now - _WINDOW,
                self._settings.password_resets_per_hour,
            )
            await unit.commit()
        if row is None or row["account_id"] is None or not is_address(address):
            return
        link = self._settings.password_reset_link
        notice = password_reset_notice(new_id(self._entropy), address, link, token, until)
        self._mail.hand_over(notice, _PAUSE_SECONDS)

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
            actor = f"account:{account.id}"
            await self._notes.note(unit, caller, "ResetPassword", account.id, actor=actor)
            await unit.commit()
        self._standings.forget_all(ended)
