"""What somebody who is logged in does with their own second factor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from muster.plugin_api import Caller
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.accounts import Account, mark_changed
from muster_auth.factor_changes import FactorChange, FactorChanges
from muster_auth.lockout import Attempt
from muster_auth.passwords import accepted_password
from muster_auth.second_factors import Enrolment, SecondFactors, ShownFactor
from muster_auth.token_holders import TokenHolder, account_of
from muster_auth.workings import Workings

__all__ = ["OwnSecondFactor"]


class OwnSecondFactor:
    """Enrols, removes, and makes recovery codes; each by showing the password anew."""

    def __init__(self, workings: Workings, factors: SecondFactors, changes: FactorChanges) -> None:
        """Work for token holders.

        Args:
            workings: What the parts of the plugin share.
            factors: Who has a second factor.
            changes: Change that.
        """
        self._units = workings.units
        self._hashing = workings.hashing
        self._attempts = workings.attempts
        self._factors = factors
        self._changes = changes
        self._standings = workings.standings
        self._clock = workings.clock
        self._settings = workings.settings

    async def is_on(self, account_id: UUID) -> bool:
        """Return whether an account has a second factor."""
        async with self._units() as unit:
            return await self._factors.is_on(unit.connection, account_id)

    async def begin(self, holder: TokenHolder, password: str, caller: Caller) -> Enrolment:
        """Make a secret, which a code of it is to confirm.

        Raises:
            Unauthenticated: The password is wrong, or there were too many attempts.
            IllegalState: There is a second factor already.
            TooManyLogins: Too many passwords are being evaluated.
        """
        account = await account_of(self._units, holder)
        await self._attempts.passed(await self._by_password(account, password, caller))
        async with self._units() as unit:
            enrolment = await self._factors.begin(unit.connection, account)
            await unit.commit()
        return enrolment

    async def confirm(self, holder: TokenHolder, code: str, caller: Caller) -> list[str]:
        """Let a second factor count, and end the other sessions; return the recovery codes.

        Raises:
            Unauthenticated: The code is wrong, or there were too many attempts.
        """
        account = await account_of(self._units, holder)

        async def confirmed(unit: UnitOfWork) -> FactorChange | None:
            return await self._changes.confirm(unit, caller, account, code, holder.claims.sid)

        change = await self._attempts.by_code(account.identifier, caller, confirmed)
        return self._told(change).recovery_codes

    async def remove(
        self, holder: TokenHolder, password: str, shown: ShownFactor, caller: Caller
    ) -> None:
        """Take a second factor away, and end the other sessions.

        Of who must have one, this session ends as well.

        Raises:
            Unauthenticated: The password or the code is wrong, or there were too many attempts.
            PasswordRefused: It is too short to stand alone.
            TooManyLogins: Too many passwords are being evaluated.
        """
        account = await account_of(self._units, holder)
        shortest = self._settings.shortest_password(second_factor=False)
        accepted_password(password, shortest=shortest, about=(), path="password")
        must_have = account.role in self._settings.require_second_factor
        keep = None if must_have else holder.claims.sid

        async def removed(unit: UnitOfWork) -> FactorChange:
            return await self._changes.remove(unit, caller, account, keep)

        self._told(await self._changed(account, password, shown, caller, removed))

    async def renew_recovery_codes(
        self, holder: TokenHolder, password: str, shown: ShownFactor, caller: Caller
    ) -> list[str]:
        """Replace the recovery codes; return the new ones.

        Raises:
            Unauthenticated: The password or the code is wrong, or there were too many attempts.
            TooManyLogins: Too many passwords are being evaluated.
        """
        account = await account_of(self._units, holder)

        async def renewed(unit: UnitOfWork) -> FactorChange:
            return await self._changes.renew_recovery_codes(unit, caller, account)

        change = await self._changed(account, password, shown, caller, renewed)
        return change.recovery_codes

    async def _changed(
        self,
        account: Account,
        password: str,
        shown: ShownFactor,
        caller: Caller,
        change: Callable[[UnitOfWork], Awaitable[FactorChange]],
    ) -> FactorChange:
        """Change something for who shows both factors, which counts as one attempt."""

        async def spent(unit: UnitOfWork) -> FactorChange | None:
            connection = unit.connection
            # The account first, as everywhere: else a login with the same code waits for this
            # unit, and this one for that.
            if not (
                await mark_changed(connection, self._clock, account)
                and await self._factors.spend(connection, account.id, shown)
            ):
                return None
            if shown.recovery_code is not None:
                await self._changes.note_recovery(unit, caller, account)
            return await change(unit)

        attempt = await self._by_password(account, password, caller)
        return await self._attempts.settled(attempt, spent)

    async def _by_password(self, account: Account, password: str, caller: Caller) -> Attempt:
        async with self._hashing.turn() as turn:
            return await self._attempts.by_password(
                turn, account.identifier, account.password_hash, password, caller
            )

    def _told(self, change: FactorChange) -> FactorChange:
        self._standings.forget_all(change.ended)
        return change
