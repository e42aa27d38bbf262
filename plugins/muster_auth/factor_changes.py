"""What goes with a change of somebody's second factor: nobody else stays in, and a note is left."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.plugin_api import Caller
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.accounts import Account, mark_changed
from muster_auth.audited_accounts import actor_of
from muster_auth.second_factors import SecondFactors
from muster_auth.workings import Workings

__all__ = ["FactorChange", "FactorChanges"]


class FactorChange(Struct, frozen=True):
    """What a change has done.

    Attributes:
        ended: The sessions that have ended.
        recovery_codes: New ones.
    """

    ended: list[UUID]
    recovery_codes: list[str]


class FactorChanges:
    """Changes second factors, in units of its callers."""

    def __init__(self, workings: Workings, factors: SecondFactors) -> None:
        """Work on accounts.

        Args:
            workings: What the parts of the plugin share.
            factors: Where second factors are kept.
        """
        self._factors = factors
        self._sessions = workings.sessions
        self._notes = workings.notes
        self._clock = workings.clock

    async def confirm(
        self,
        unit: UnitOfWork,
        caller: Caller,
        account: Account,
        code: str,
        keep: UUID | None = None,
    ) -> FactorChange | None:
        """Let a second factor count.

        Args:
            unit: The caller's; nothing of it may last where nothing is returned.
            caller: On whose behalf.
            account: As it was read.
            code: Confirms it.
            keep: The one session that stays.

        Returns:
            What was done; ``None`` where the code is wrong or the account has changed.
        """
        connection = unit.connection
        if not await mark_changed(connection, self._clock, account):
            return None
        codes = await self._factors.confirm(connection, account.id, code)
        if not codes:
            return None
        ended = await self._sessions.end_all(connection, account.id, "second factor", keep)
        await self._note(unit, caller, "EnrolSecondFactor", account)
        return FactorChange(ended, codes)

    async def remove(
        self, unit: UnitOfWork, caller: Caller, account: Account, keep: UUID | None = None
    ) -> FactorChange:
        """Take a second factor away, in a unit that has changed the account."""
        connection = unit.connection
        await self._factors.remove(connection, account.id)
        ended = await self._sessions.end_all(connection, account.id, "second factor", keep)
        await self._note(unit, caller, "RemoveSecondFactor", account)
        return FactorChange(ended, [])

    async def renew_recovery_codes(
        self, unit: UnitOfWork, caller: Caller, account: Account
    ) -> FactorChange:
        """Replace the recovery codes, which ends no session."""
        codes = await self._factors.renew_recovery_codes(unit.connection, account.id)
        await self._note(unit, caller, "RenewRecoveryCodes", account)
        return FactorChange([], codes)

    async def note_recovery(self, unit: UnitOfWork, caller: Caller, account: Account) -> None:
        """Note that a recovery code was used."""
        await self._note(unit, caller, "UseRecoveryCode", account)

    async def _note(self, unit: UnitOfWork, caller: Caller, action: str, account: Account) -> None:
        # At a login the request itself names nobody.
        await self._notes.note(unit, caller, action, account.id, actor=actor_of(account.id))
