"""Advisory locks of a transaction: whom and what they stand for.

The key is a hash, so two things may share a lock by a chance of 2**-64; they would wait
for each other once, and nothing else.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

__all__ = ["reference_lock", "trainer_lock"]


def trainer_lock(trainer_id: UUID) -> int:
    """Return the key under which a trainer's time is claimed."""
    return _key(b"trainer:" + trainer_id.bytes)


def reference_lock(reference: str) -> int:
    """Return the key under which a client reference is looked up and taken."""
    return _key(b"reference:" + reference.encode())


def _key(name: bytes) -> int:
    return int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)
