"""The snapshots that a process holds in memory, bounded, the least used given up first."""

from __future__ import annotations

from collections import OrderedDict

from muster.ports.snapshot_store import Snapshot
from muster.ports.trainer_directory import TrainerQuestion

__all__ = ["ProcessCopy"]


class ProcessCopy:
    """The newest answers to the questions asked most recently."""

    def __init__(self, max_trainers: int) -> None:
        """Begin empty.

        Args:
            max_trainers: The bound: each snapshot weighs its trainers and one more. 0
                holds nothing.
        """
        self._max_weight = max_trainers
        self._weight = 0
        self._snapshots: OrderedDict[TrainerQuestion, Snapshot] = OrderedDict()

    def get(self, question: TrainerQuestion) -> Snapshot | None:
        """Return the snapshot of a question, however old."""
        snapshot = self._snapshots.get(question)
        if snapshot is not None:
            self._snapshots.move_to_end(question)
        return snapshot

    def put(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        """Hold a snapshot in place of the question's former one."""
        former = self._snapshots.pop(question, None)
        if former is not None:
            self._weight -= _weight(former)
        self._snapshots[question] = snapshot
        self._weight += _weight(snapshot)
        while self._weight > self._max_weight:
            _, dropped = self._snapshots.popitem(last=False)
            self._weight -= _weight(dropped)


def _weight(snapshot: Snapshot) -> int:
    return 1 + len(snapshot.trainers)
