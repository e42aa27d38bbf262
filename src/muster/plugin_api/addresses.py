"""Addresses of clients: how they are compared, and by what they are counted."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

__all__ = ["Address", "address_of", "counted_address"]

Address: TypeAlias = IPv4Address | IPv6Address

_HOST_BITS = 64
"""A household has a /64 of IPv6 (RFC 6177), and chooses the other bits itself."""


def address_of(text: str) -> Address | None:
    """Return an address as it is compared; ``None`` where the text is none.

    An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) becomes the IPv4 address; the zone
    of a link-local address is left out.
    """
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    return found.ipv4_mapped or IPv6Address(int(found))


def counted_address(client: str) -> str | None:
    """Return what a client is counted under: its address, of IPv6 its /64 network.

    Args:
        client: As the server saw it.

    Returns:
        ``None`` where it is no address, as of a Unix socket.
    """
    address = address_of(client)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> _HOST_BITS << _HOST_BITS, _HOST_BITS)))
    return None if address is None else str(address)
