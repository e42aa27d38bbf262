"""The second step of a login: a code, or the enrolment of who must have a second factor."""

from __future__ import annotations

from typing import NamedTuple

from muster.plugin_api import Unauthenticated
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.accounts import Account, still_logs_in
from muster_auth.factor_changes import FactorChange, FactorChanges
from muster_auth.pending_logins import Pending, PendingLogins
from muster_auth.second_factors import Enrolment, SecondFactors, ShownFactor
from muster_auth.sessions import Client, Opened
from muster_auth.workings import Workings

__all__ = ["SecondStep"]


class _Enrolled(NamedTuple):
    opened: Opened
    change: FactorChange


class SecondStep:
    """Goes on with logins whose password was right."""

    def __init__(self, workings: Workings, factors: SecondFactors, changes: FactorChanges) -> None:
        """Begin sessions by the second step, where there is one.

        Args:
            workings: What the parts of the plugin share.
            factors: Who has a second factor.
            changes: Enrol those who must.
        """
        self._units = workings.units
        self._attempts = workings.attempts
        self._factors = factors
        self._changes = changes
        self._pending = PendingLogins(workings.clock, workings.entropy)
        self._sessions = workings.sessions
        self._standings = workings.standings
        self._required = workings.settings.require_second_factor

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
