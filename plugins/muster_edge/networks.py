"""Networks: an IPv4 network is the same one however IPv6 wraps it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

from muster.plugin_api import Address

__all__ = ["Networks"]

_Network: TypeAlias = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")
_BITS_BEFORE_MAPPED = 96


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
