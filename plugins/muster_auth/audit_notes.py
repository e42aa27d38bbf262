"""What the plugin does to accounts, as the audit trail keeps it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster.domain.audit_entries import AuditEntry
from muster.plugin_api import Caller, Identifiers, Permission, Principal
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWork

__all__ = ["AuditNotes", "command_line"]

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
