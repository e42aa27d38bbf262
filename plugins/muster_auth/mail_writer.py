"""Writing the mails that jobs ask for: a token is made, its hash is stored, and then it is sent.

Each attempt makes a token of its own, in a unit that commits only while the job is its worker's
and nobody has asked again. So whatever is sent opens what it says, also when an attempt before
ended halfway; and each attempt's mail has an id of its own, lest a program of mail drop the newest
as one that it has.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from muster.plugin_api import PortLookup
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobLease
from muster.ports.notifier import NOTIFIER
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.account_register import account_to_change
from muster_auth.accounts import AccountState, new_id
from muster_auth.identifiers import counted_as
from muster_auth.mail_texts import invitation_notice, password_reset_notice
from muster_auth.mailed_tokens import TokenPurpose, mailed_token, mailed_token_hash
from muster_auth.workings import Workings

__all__ = ["MailWriter"]

_KEEP_INVITATION = """
    INSERT INTO auth_invitations (account_id, token_hash, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (account_id) DO UPDATE
        SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
"""
_KEEP_RESET = """
    INSERT INTO auth_password_resets AS r (identifier_hash, account_id, account_version,
        token_hash, expires_at, since, asked)
    SELECT $1, id, version, $3, $4, $5, 1 FROM auth_accounts
    WHERE identifier = $2 AND NOT disabled AND password_hash IS NOT NULL
    ON CONFLICT (identifier_hash) DO UPDATE SET
        account_id = excluded.account_id, account_version = excluded.account_version,
        token_hash = excluded.token_hash, expires_at = excluded.expires_at
    RETURNING account_id
"""
"""No row where nobody has such an account. The count stays that of those who ask."""


class MailWriter:
    """Writes and sends mails; each method returns how many it sent.

    Each may raise, and is then called again: ``LeaseLost`` and ``AskedAgain`` before anything was
    sent, and ``NotifierUnavailable``; or ``NoticeRefused``, after which to call it again is in
    vain. The last two name neither address nor token.
    """

    def __init__(self, workings: Workings, ports: PortLookup) -> None:
        """Write in one running app.

        Args:
            workings: What the parts of the plugin share.
            ports: Of the app.

        Raises:
            CompositionError: There is no notifier, or no queue of jobs.
        """
        self._units = workings.units
        self._clock = workings.clock
        self._entropy = workings.entropy
        self._settings = workings.settings
        self._queue = ports.get(JOB_QUEUE)
        self._notifier = ports.get(NOTIFIER)

    async def invitation(self, account_id: UUID, lease: JobLease) -> int:
        """Invite who waits for a first password; the token takes the place of the one before.

        Args:
            account_id: Whose account.
            lease: The right to the job.
        """
        token = mailed_token(TokenPurpose.INVITATION, self._entropy)
        until = self._clock.now() + timedelta(days=self._settings.invitation_days)
        async with self._units() as unit:
            # Held, so that it is not disabled while this makes a token for it.
            account = await account_to_change(unit.connection, account_id)
            if account is None or account.state is not AccountState.INVITED:
                return 0
            stored = mailed_token_hash(TokenPurpose.INVITATION, token)
            await unit.connection.execute(_KEEP_INVITATION, account_id, stored, until)
            await self._commit(unit, lease)
        link, notice_id = self._settings.invitation_link, new_id(self._entropy)
        notice = invitation_notice(notice_id, account.identifier, link, token, until)
        await self._notifier.send(notice)
        return 1

    async def password_reset(self, address: str, lease: JobLease) -> int:
        """Mail a way to a new password to who has an account with one; as ``invitation``.

        Args:
            address: Canonical; of an account or of nobody.
            lease: The right to the job.
        """
        token = mailed_token(TokenPurpose.PASSWORD_RESET, self._entropy)
        now = self._clock.now()
        until = now + timedelta(minutes=self._settings.password_reset_minutes)
        async with self._units() as unit:
            row = await unit.connection.fetchrow(
                _KEEP_RESET,
                counted_as(address),
                address,
                mailed_token_hash(TokenPurpose.PASSWORD_RESET, token),
                until,
                now,
            )
            if row is None:
                return 0
            await self._commit(unit, lease)
        link, notice_id = self._settings.password_reset_link, new_id(self._entropy)
        await self._notifier.send(password_reset_notice(notice_id, address, link, token, until))
        return 1

    async def _commit(self, unit: UnitOfWork, lease: JobLease) -> None:
        await self._queue.hold(unit, lease, first_only=True)
        await unit.commit()
