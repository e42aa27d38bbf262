"""What the plugin does to accounts, as the audit trail keeps it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster.domain.audit_entries import AuditEntry
from muster.plugin_api import Caller, Identifiers, Permission, Principal, Role, Scope
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWork
from muster_auth.accounts import Account

__all__ = ["AuditNotes", "audited_bounds", "audited_role", "command_line"]

_ACCOUNT = "account"
_CORRELATION_BITS = 64


class AuditNotes:
    """Writes entries in the unit of work of what they tell of."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        """Write.

        Args:
            clock: When it was.
            entropy: Names entries.
        """
        self._clock = clock
        self._identifiers = Identifiers(clock, entropy)

    async def note(
        self,
        unit: UnitOfWork,
        caller: Caller,
        action: str,
        subject_id: UUID,
        *,
        actor: str | None = None,
        subject_kind: str = _ACCOUNT,
        **change: Any,
    ) -> None:
        """Write an entry, in a unit of the caller's. A command.

        Args:
            unit: That changes it; with a rollback there is no entry.
            caller: On whose behalf.
            action: What was done, as ``EndSessionReused``.
            subject_id: The account's, or that of what ``subject_kind`` says.
            actor: Who did it where the request itself names nobody, as at a login.
            subject_kind: What it was done to.
            **change: In plain JSON values, without secrets; mostly ``before`` and ``after``.
        """
        known = caller.principal.name if caller.principal else "anybody"
        entry = AuditEntry(
            id=self._identifiers.new(),
            at=self._clock.now(),
            actor=actor or known,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            franchise_id=None,
            correlation_id=caller.correlation_id,
            change=change,
            address=caller.address,
        )
        await unit.audit.append([entry])


def command_line(entropy: Entropy) -> Caller:
    """Return on whose behalf a command of the command line runs: whoever has the database."""
    principal = Principal("command_line", frozenset(Permission))
    return Caller(principal, f"cli-{entropy.bits(_CORRELATION_BITS):016x}")


def audited_bounds(account: Account) -> dict[str, Any]:
    """Return what an account may do, as the audit trail keeps it."""
    return {**audited_role(account.role, account.scope), "version": account.version}


def audited_role(role: Role, scope: Scope) -> dict[str, Any]:
    """Return a role and its bounds, as the audit trail keeps them."""
    bounds = {
        "franchiseId": scope.franchise_id,
        "trainerId": scope.trainer_id,
        "clientId": scope.client_id,
    }
    told = {name: str(bound) for name, bound in bounds.items() if bound is not None}
    return {"role": role.value, **told}
