"""Snapshots of the trainer service's answers, in memory."""

from __future__ import annotations

from muster.ports.snapshot_store import Snapshot, SnapshotStore
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
        if kept is None or kept.as_of <= snapshot.as_of:
            self._store.snapshots[question] = snapshot
