"""Keys of a deployment that lasts as long as its process."""

from __future__ import annotations

from muster.ports.deployment_keys import DeploymentKeys
from muster_memory.store import MemoryStore

__all__ = ["MemoryDeploymentKeys"]


class MemoryDeploymentKeys(DeploymentKeys):
    """Keeps the first key proposed for each name in a store."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep them in a store."""
        self._store = store

    async def key(self, name: str, proposed: bytes) -> bytes:
        """Return the key of a name; the first proposal made for it is kept."""
        return self._store.keys.setdefault(name, proposed)
