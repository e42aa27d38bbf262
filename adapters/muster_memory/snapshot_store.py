"""Snapshots of the trainer service's answers, in memory."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from muster.ports.snapshot_store import AgingSnapshot, Snapshot, SnapshotStore
from muster.ports.trainer_directory import TrainerQuestion
from muster_memory.store import MemoryStore

__all__ = ["MemorySnapshotStore"]


class MemorySnapshotStore(SnapshotStore):
    """Keeps the newest answer to each question in a store."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep them in a store."""
        self._store = store

    async def load(self, question: TrainerQuestion) -> Snapshot | None:
        """Return the newest answer kept for exactly this question."""
        return self._store.snapshots.get(question)

    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        """Keep an answer, unless a newer one is kept already."""
        kept = self._store.snapshots.get(question)
        if kept is None:
            self._store.snapshots[question] = snapshot
        elif kept.as_of <= snapshot.as_of:
            asked_at = max(kept.asked_at, snapshot.asked_at)
            self._store.snapshots[question] = replace(snapshot, asked_at=asked_at)
        else:
            await self.mark_asked(question, snapshot.asked_at)

    async def mark_asked(self, question: TrainerQuestion, at: datetime) -> None:
        """Note that a question was asked for somebody."""
        kept = self._store.snapshots.get(question)
        if kept is not None and kept.asked_at < at:
            self._store.snapshots[question] = replace(kept, asked_at=at)

    async def mark_tried(self, question: TrainerQuestion, at: datetime) -> None:
        """Note that a question was asked anew in vain."""
        if question in self._store.snapshots:
            self._store.tried[question] = max(at, self._store.tried.get(question, at))

    async def aging(
        self, asked_since: datetime, answered_before: datetime, limit: int
    ) -> tuple[AgingSnapshot, ...]:
        """Return questions that are still asked and whose answer gets old."""
        found = [
            (
                max(kept.as_of, self._store.tried.get(question, kept.as_of)),
                AgingSnapshot(question, kept.asked_at),
            )
            for question, kept in self._store.snapshots.items()
            if kept.asked_at >= asked_since and kept.as_of < answered_before
        ]
        return tuple(one for _, one in sorted(found, key=lambda each: each[0])[:limit])
