"""The audit trail in memory: reading it, and its chains."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from muster.domain.audit_chain import SealedEntry, StreamHead, sealed_after
from muster.domain.audit_entries import AuditEntry
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.audit import AuditChain, AuditFilter, AuditOrder, AuditReader, Unchained
from muster.ports.paging import Page, PageRequest, Position
from muster_memory.paging import page_of
from muster_memory.store import MemoryStore

__all__ = ["MemoryAuditChain", "MemoryAuditReader"]


class MemoryAuditReader(AuditReader):
    """Committed entries."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def page(
        self, wanted: AuditFilter, request: PageRequest[AuditOrder], scope: Scope = EVERYTHING
    ) -> Page[AuditEntry]:
        """Return a page of entries."""
        rows = (
            entry
            for entry in self._store.audit.all()
            if scope.holds_entry(entry.franchise_id) and _is_wanted(entry, wanted)
        )
        return page_of(rows, request, lambda entry: Position(entry.at, entry.id))


class MemoryAuditChain(AuditChain):
    """Chains of one app."""

    def __init__(self, store: MemoryStore) -> None:
        """Seal what a store holds."""
        self._store = store

    async def seal(self, limit: int) -> int:
        """Seal committed entries, the oldest first."""
        heads = {head.stream: head for head in await self.heads()}
        seals = sealed_after(heads, self._unsealed()[:limit])
        self._store.seals.update((seal.entry_id, seal) for seal in seals)
        return len(seals)

    async def heads(self) -> tuple[StreamHead, ...]:
        """Return how far each stream is sealed, by the stream."""
        newest = {seal.stream: seal for seal in self._store.seals.values()}
        return tuple(
            StreamHead(stream, newest[stream].sequence, newest[stream].hash)
            for stream in sorted(newest)
        )

    async def sealed(self) -> AsyncIterator[Sequence[SealedEntry]]:
        """Return every seal with its entry, as of one instant."""
        seals = sorted(self._store.seals.values(), key=lambda one: (one.stream, one.sequence))
        yield [SealedEntry(seal, self._store.audit.get(seal.entry_id)) for seal in seals]

    async def unchained(self, limit: int) -> tuple[Unchained, ...]:
        """Return nothing: whatever is not sealed here is still to be."""
        return ()

    async def waiting(self) -> int:
        """Return how many entries are still to be sealed."""
        return len(self._unsealed())

    def _unsealed(self) -> list[AuditEntry]:
        return [one for one in self._store.audit.all() if one.id not in self._store.seals]


def _is_wanted(entry: AuditEntry, wanted: AuditFilter) -> bool:
    return (
        wanted.actor in (None, entry.actor)
        and wanted.action in (None, entry.action)
        and wanted.subject_kind in (None, entry.subject_kind)
        and wanted.subject_id in (None, entry.subject_id)
        and wanted.franchise_id in (None, entry.franchise_id)
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )
