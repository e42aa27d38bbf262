"""The networks by which failures are counted: one machine, or what one household has."""

from __future__ import annotations

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

__all__ = ["counted_network"]

_HOUSEHOLD = 64
"""Bits of IPv6 that a customer shares; they choose the others themselves."""


def counted_network(address: str) -> bytes | None:
    """Return what failures from an address are counted under: a hash of its network.

    Args:
        address: As the server saw it; IPv4 in the clothes of IPv6 is IPv4.

    Returns:
        ``None`` where it is no address, as of a Unix socket.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    network = str(found)
    if isinstance(found, IPv6Address):
        network = str(ip_network((int(found), _HOUSEHOLD), strict=False))
    return sha256(b"muster.auth.network\0" + network.encode()).digest()
