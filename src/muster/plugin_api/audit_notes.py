"""What a plugin does past the dispatcher, as the audit trail keeps it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster.application.deeds import audit_entry
from muster.application.identifiers import Identifiers
from muster.application.use_case import Caller, Deed
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWork

__all__ = ["AuditNotes"]


class AuditNotes:
    """Writes entries in the unit of work of what they tell of."""

    def __init__(self, clock: Clock, entropy: Entropy, subject_kind: str) -> None:
        """Write.

        Args:
            clock: When it was.
            entropy: Names entries.
            subject_kind: What it was done to, unless an entry says otherwise: ``account``.
        """
        self._clock = clock
        self._identifiers = Identifiers(clock, entropy)
        self._subject_kind = subject_kind

    async def note(
        self,
        unit: UnitOfWork,
        caller: Caller,
        action: str,
        subject_id: UUID,
        *,
        actor: str | None = None,
        subject_kind: str | None = None,
        franchise_id: UUID | None = None,
        **change: Any,
    ) -> None:
        """Write an entry, in a unit of the caller's. A command.

        Args:
            unit: That changes it; with a rollback there is no entry.
            caller: On whose behalf.
            action: What was done, as ``DisableAccount``.
            subject_id: Of what it was done to.
            actor: Who did it where the request itself names nobody, as at a login.
            subject_kind: What it was done to, where it is not the usual.
            franchise_id: On whose ground; ``None`` is the company's.
            **change: In plain JSON values, without secrets and personal data; mostly
                ``before`` and ``after``.
        """
        deed = Deed(subject_kind or self._subject_kind, subject_id, franchise_id, change)
        entry = audit_entry(
            self._identifiers.new(), self._clock.now(), caller, action, deed, actor=actor
        )
        await unit.audit.append([entry])
