"""The networks by which failures are counted: one machine, or what one household has."""

from __future__ import annotations

from hashlib import sha256

from muster.plugin_api import counted_address

__all__ = ["counted_network"]


def counted_network(address: str) -> bytes | None:
    """Return what failures from an address are counted under: a hash of its network.

    Args:
        address: As the server saw it.

    Returns:
        ``None`` where it is no address, as of a Unix socket.
    """
    counted = counted_address(address)
    if counted is None:
        return None
    return sha256(b"muster.auth.network\0" + counted.encode()).digest()
