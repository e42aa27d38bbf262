"""The ports of the audit trail: reading it, and the chain that shows if it was changed."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.audit_chain import SealedEntry, StreamHead
from muster.domain.audit_entries import AuditEntry
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.keys import PortKey
from muster.ports.paging import Page, PageRequest

__all__ = [
    "AUDIT_CHAIN",
    "AUDIT_READER",
    "AuditChain",
    "AuditFilter",
    "AuditOrder",
    "AuditReader",
    "Unchained",
]


class AuditFilter(Struct, frozen=True):
    """Which entries are wanted; what is ``None`` does not narrow.

    Attributes:
        actor: Who did it.
        action: The command's name.
        subject_kind: What it was done to.
        subject_id: The id of that.
        franchise_id: On whose ground.
        since: UTC instant; the first that is wanted.
        until: UTC instant; the first that is not.
    """

    actor: str | None = None
    action: str | None = None
    subject_kind: str | None = None
    subject_id: UUID | None = None
    franchise_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditOrder(Enum):
    """By what entries may be sorted."""

    AT = "at"


class AuditReader(Protocol):
    """Committed audit entries."""

    @abstractmethod
    async def page(
        self, wanted: AuditFilter, request: PageRequest[AuditOrder], scope: Scope = EVERYTHING
    ) -> Page[AuditEntry]:
        """Return a page of entries. A query; as fresh as the last commit.

        Args:
            wanted: Which.
            request: Which part of them.
            scope: A franchise's holds what was done on its ground; a trainer's and a
                client's hold nothing.
        """


class Unchained(Struct, frozen=True):
    """What is in no chain, although nobody is still to seal it, or the other way round.

    Attributes:
        entry_id: Of the entry.
        gone: It is still to be sealed and is gone; else it is there and nobody is to seal it.
    """

    entry_id: UUID
    gone: bool


class AuditChain(Protocol):
    """The chains of the trail's streams; see ``muster.domain.audit_chain``.

    A unit of work stores an entry and the note that it is still to be sealed. What is committed,
    ``seal`` puts at the end of its stream, in an order that is the sealer's own: units that were
    open together commit in any order, and none waits for another.

    Every method may raise ``DatabaseUnavailable`` or ``TransactionConflict``.
    """

    @abstractmethod
    async def seal(self, limit: int) -> int:
        """Seal committed entries, the oldest first. A command, idempotent.

        Callers take turns over all servers; whoever comes while another is at it does nothing.

        Args:
            limit: The most that are sealed.

        Returns:
            How many were; 0 where there was nothing to do or another one is at it.
        """

    @abstractmethod
    async def heads(self) -> tuple[StreamHead, ...]:
        """Return how far each stream is sealed, by the stream. A query."""

    @abstractmethod
    def sealed(self) -> AsyncIterator[Sequence[SealedEntry]]:
        """Return every seal with its entry, as of one instant. A query; read it to its end.

        By the stream, then by the sequence, some at a time: it may be more than memory holds.
        """

    @abstractmethod
    async def unchained(self, limit: int) -> tuple[Unchained, ...]:
        """Return what bypassed the chain, as of one instant. A query.

        Args:
            limit: The most that are returned.
        """

    @abstractmethod
    async def waiting(self) -> int:
        """Return how many entries are still to be sealed. A query."""


AUDIT_READER = PortKey("audit_reader", AuditReader)
AUDIT_CHAIN = PortKey("audit_chain", AuditChain)
