"""Who asks: found out once for each request, before anything of it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from muster.application.access import Principal, Unauthenticated
from muster.plugin_api.callers import PRINCIPAL_KEY
from muster.plugin_api.contributions import Authenticator, Credentials
from muster.plugin_api.lookup import PortLookup

__all__ = ["PUBLIC", "Identification", "known_caller"]

PUBLIC = "muster_public"
"""The option of a handler that answers whoever asks, and so asks nobody who they are."""


class Identification:
    """Asks authenticators, one after the other, until one knows who it is."""

    def __init__(
        self,
        authenticators: Sequence[Authenticator],
        ports: PortLookup,
        open_principal: Principal | None,
    ) -> None:
        """Ask these.

        Args:
            authenticators: In the order in which they are asked.
            ports: Handed to them.
            open_principal: Who everybody is while there are none; ``None`` is nobody.
        """
        self._authenticators = authenticators
        self._ports = ports
        self._open_principal = None if authenticators else open_principal

    async def principal(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal | None:
        """Return who asks; ``None`` where no authenticator takes the credentials for its own.

        Args:
            headers: Of the request, names in lower case.

        Raises:
            Unauthenticated: One of them refused.
        """
        credentials = Credentials(headers)
        for authenticator in self._authenticators:
            found = await authenticator.authenticate(credentials, self._ports)
            if found is not None:
                return found
        return self._open_principal


async def known_caller(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Guard a route: let nobody pass who is not known, unless the route is public.

    Raises:
        Unauthenticated: Nobody is known, or what they sent was refused.
    """
    if handler.opt.get(PUBLIC):
        return
    identification: Identification = connection.app.state.edge.identification
    principal = await identification.principal(connection.scope["headers"])
    if principal is None:
        raise Unauthenticated("This needs authentication.")
    connection.scope.setdefault("state", {})[PRINCIPAL_KEY] = principal
