"""The memory adapter: every port of the store in one process, held to the same suites.

A verified fake: what the conformance suites of ``muster.testing`` say of PostgreSQL they
say of this too. It is for tests and for trying things out; nothing outlives the process.
One store serves one event loop.
"""

from __future__ import annotations

from muster_memory.plugin import MemoryPlugin
from muster_memory.store import MemoryStore
from muster_memory.trainer_directory import MemoryTrainerDirectory, TrainerRoll

__all__ = ["MemoryPlugin", "MemoryStore", "MemoryTrainerDirectory", "TrainerRoll"]
