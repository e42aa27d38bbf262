"""Who is let near at all: by the host that is meant, and by the address that asks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from muster.plugin_api import Address, address_of
from muster_edge.networks import Networks
from muster_edge.paths import PROBES, segments
from muster_edge.refusals import AddressRefused, HostUnknown

__all__ = ["AddressRule", "Gates", "host_name", "is_admin"]

_ADMIN = "admin"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::[0-9]*)?")


def host_name(sent: str) -> str | None:
    """Return the name in a ``Host`` header as it is compared: without port and final dot.

    ``None`` where there is none.
    """
    found = _HOST.fullmatch(sent)
    return found[1].lower().removesuffix(".") if found else None


def is_admin(path: str) -> bool:
    """Return whether a path is one of administration."""
    return segments(path)[:1] == (_ADMIN,)


class AddressRule:
    """An allow list and a deny list."""

    def __init__(self, allow: Sequence[str], deny: Sequence[str]) -> None:
        """Make a rule.

        Args:
            allow: Networks that pass; where there are none, all.
            deny: Networks that do not pass, whatever the other list says.

        Raises:
            ValueError: One is no network.
        """
        self._allow = Networks(allow)
        self._deny = Networks(deny)

    def __bool__(self) -> bool:
        return bool(self._allow) or bool(self._deny)

    def passes(self, address: Address | None) -> bool:
        """Return whether an address passes; an unknown one passes no list."""
        if not self:
            return True
        if address is None or address in self._deny:
            return False
        return not self._allow or address in self._allow


class Gates:
    """Asks of each request which host it means and which address it comes from."""

    def __init__(
        self, app: ASGIApp, hosts: frozenset[str], everywhere: AddressRule, admin: AddressRule
    ) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            hosts: The names that we go by, as ``host_name`` returns them; none is any.
            everywhere: Of every path.
            admin: Of the paths of administration, in addition.
        """
        self._app = app
        self._hosts = hosts
        self._everywhere = everywhere
        self._admin = admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            HostUnknown: It means another host.
            AddressRefused: Its address does not pass.
        """
        if scope["type"] == ScopeType.HTTP:
            self._check(scope)
        await self._app(scope, receive, send)

    def _check(self, scope: HTTPScope) -> None:
        # Whoever probes a container asks for it by its address.
        if self._hosts and scope["path"] not in PROBES:
            sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
            if host_name(sent.decode("latin-1")) not in self._hosts:
                raise HostUnknown("No such host is served here.")
        client = scope.get("client")
        address = address_of(client[0]) if client else None
        admin_refuses = is_admin(scope["path"]) and not self._admin.passes(address)
        if admin_refuses or not self._everywhere.passes(address):
            raise AddressRefused("Requests from this address are not answered here.")
