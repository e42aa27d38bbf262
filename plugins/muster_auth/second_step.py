"""The second step of a login: a code, or the enrolment of who must have a second factor."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from muster.plugin_api import Role, Unauthenticated
from muster.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from muster_auth.accounts import Account, still_logs_in
from muster_auth.attempts import Attempts
from muster_auth.factor_changes import FactorChange, FactorChanges
from muster_auth.pending_logins import Pending, PendingLogins
from muster_auth.second_factors import Enrolment, SecondFactors, ShownFactor
from muster_auth.sessions import Client, Opened, Sessions
from muster_auth.standing import Standings

__all__ = ["SecondStep"]


class _Enrolled(NamedTuple):
    opened: Opened
    change: FactorChange


class SecondStep:
    """Goes on with logins whose password was right."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        attempts: Attempts,
        factors: SecondFactors,
        changes: FactorChanges,
        pending: PendingLogins,
        sessions: Sessions,
        standings: Standings,
        required: Collection[Role],
    ) -> None:
        """Begin sessions by the second step, where there is one.

        Args:
            units: Open units of work.
            attempts: Evaluate codes.
            factors: Who has a second factor.
            changes: Enrol those who must.
            pending: The logins that wait.
            sessions: What is begun.
            standings: Are told which sessions ended.
            required: The roles that log in with a second factor only.
        """
        self._units = units
        self._attempts = attempts
        self._factors = factors
        self._changes = changes
        self._pending = pending
        self._sessions = sessions
        self._standings = standings
        self._required = frozenset(required)

    async def begin(self, unit: UnitOfWork, account: Account, client: Client) -> Opened | Pending:
        """Begin a session, or let the login wait; in a unit that holds the account."""
        enrolled = await self._factors.is_on(unit.connection, account.id)
        if not enrolled and account.role not in self._required:
            return await self._sessions.begin(unit, account.id, client)
        return Pending(await self._pending.begin(unit.connection, account), enrolled)

    async def finish(self, token: str, shown: ShownFactor, client: Client) -> Opened:
        """Begin the session of a login that waits for a second factor.

        Raises:
            Unauthenticated: The token or the code is wrong, or there were too many attempts.
            TooManyLogins: Too many are being evaluated.
        """
        account = await self._waiting(token)

        async def begun(unit: UnitOfWork) -> Opened | None:
            connection = unit.connection
            if not (
                await still_logs_in(connection, account)
                and await self._pending.take(connection, token)
                and await self._factors.spend(connection, account.id, shown)
            ):
                return None
            if shown.recovery_code is not None:
                await self._changes.note_recovery(unit, client.caller, account)
            return await self._sessions.begin(unit, account.id, client)

        return await self._attempts.by_code(account.identifier, client.caller, begun)

    async def begin_enrolment(self, token: str) -> Enrolment:
        """Make the secret of who must have a second factor and has none.

        Raises:
            Unauthenticated: The token is wrong.
            IllegalState: They have one.
        """
        account = await self._waiting(token)
        async with self._units() as unit:
            enrolment = await self._factors.begin(unit.connection, account)
            await unit.commit()
        return enrolment

    async def confirm_enrolment(
        self, token: str, code: str, client: Client
    ) -> tuple[Opened, list[str]]:
        """Let that secret count, and begin the session; return the recovery codes, too.

        Raises:
            Unauthenticated: The token or the code is wrong, or there were too many attempts.
            TooManyLogins: Too many are being evaluated.
        """
        account = await self._waiting(token)

        async def enrolled(unit: UnitOfWork) -> _Enrolled | None:
            change = await self._changes.confirm(unit, client.caller, account, code)
            if change is None or not await self._pending.take(unit.connection, token):
                return None
            opened = await self._sessions.begin(unit, account.id, client)
            return _Enrolled(opened, change)

        opened, change = await self._attempts.by_code(account.identifier, client.caller, enrolled)
        self._standings.forget_all(change.ended)
        return opened, change.recovery_codes

    async def _waiting(self, token: str) -> Account:
        async with self._units() as unit:
            account = await self._pending.account(unit.connection, token)
        if account is None:
            raise Unauthenticated("The pending token is not valid.")
        return account
