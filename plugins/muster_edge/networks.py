"""Addresses and networks: an IPv4 address is the same one however IPv6 wraps it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

__all__ = ["Address", "Networks", "address_of"]

Address: TypeAlias = IPv4Address | IPv6Address
_Network: TypeAlias = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")
_BITS_BEFORE_MAPPED = 96


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


class Networks:
    """Some networks, and whether an address is in one of them."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read networks.

        Args:
            texts: In CIDR notation; an address alone is a network of one.

        Raises:
            ValueError: One is no network, or has bits set behind its prefix.
        """
        self._networks = tuple(_network(text) for text in texts)

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def __bool__(self) -> bool:
        return bool(self._networks)


def _network(text: str) -> _Network:
    found = ip_network(text)
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        mapped = found.network_address.ipv4_mapped
        return IPv4Network((int(mapped or 0), found.prefixlen - _BITS_BEFORE_MAPPED))
    return found
