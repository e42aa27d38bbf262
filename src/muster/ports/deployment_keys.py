"""The port for keys that all servers of one deployment share."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from muster.ports.keys import PortKey

__all__ = ["DEPLOYMENT_KEYS", "DeploymentKeys"]


class DeploymentKeys(Protocol):
    """Random keys made once for a deployment, so that servers understand each other's cursors."""

    @abstractmethod
    async def key(self, name: str, proposed: bytes) -> bytes:
        """Return the key of a name; the first proposal made for it is kept for good.

        A command, idempotent.

        Args:
            name: What the key is for.
            proposed: 32 random bytes, kept when there is no such key yet.
        """


DEPLOYMENT_KEYS = PortKey("deployment_keys", DeploymentKeys)
