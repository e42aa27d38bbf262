"""Who asks, as seen past the proxies that are trusted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from muster.plugin_api import Address, address_of
from muster_edge.forwarded_hops import ForwardedBy, Hop, hops
from muster_edge.networks import Networks

__all__ = ["ClientAddresses", "Origin", "Proxies", "origin_of"]

_KEY = "muster_edge_put_right"


class Origin(NamedTuple):
    """Where a request came from.

    Attributes:
        address: Of whoever asked the outermost trusted proxy; ``None`` where a trusted proxy
            does not tell it in a way that can be read, so that it passes no list.
        scheme: By which the request came to us, or to that proxy.
    """

    address: Address | None
    scheme: str


def origin_of(peer: Address, scheme: str, entries: Iterable[Hop], trusted: Networks) -> Origin:
    """Return the first address, from here outwards, that is no trusted proxy.

    Where all of them are trusted, that is the farthest one.

    Args:
        peer: Who opened the connection.
        scheme: Of the connection.
        entries: From the nearest to the farthest; looked at only while they were written by
            somebody who is trusted.
        trusted: The proxies.
    """
    found = Origin(peer, scheme)
    nearer = iter(entries)
    while found.address is not None and found.address in trusted:
        entry = next(nearer, None)
        if entry is None:
            break
        found = Origin(entry.address, entry.scheme or found.scheme)
    return found


class Proxies:
    """The proxies that are trusted, and where they say who asked them."""

    def __init__(self, trusted: Networks, by: ForwardedBy) -> None:
        """Trust these.

        Args:
            trusted: The proxies.
            by: Where they say who asked them.
        """
        self._trusted = trusted
        self._by = by

    def put_right(self, scope: HTTPScope) -> None:
        """Put client and scheme of a scope right, in place, and once."""
        noted = scope.setdefault("state", {})
        if _KEY in noted:
            return
        noted[_KEY] = True
        client = scope.get("client")
        peer = address_of(client[0]) if client else None
        if client is None or peer is None:
            return
        entries = hops(list(scope["headers"]), self._by)
        origin = origin_of(peer, scope["scheme"], entries, self._trusted)
        scope["scheme"] = origin.scheme
        port = client[1] if origin.address == peer else 0
        scope["client"] = None if origin.address is None else (str(origin.address), port)


class ClientAddresses:
    """Puts client and scheme right for everything inside.

    The scope is changed in place: the access line and spans read the route from it afterwards.
    """

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            proxies: Those that are trusted.
        """
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == ScopeType.HTTP:
            self._proxies.put_right(scope)
        await self._app(scope, receive, send)
