"""Who asks: found out once for each request, before anything of it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from muster.application.access import Principal, Unauthenticated
from muster.plugin_api.callers import PRINCIPAL_KEY
from muster.plugin_api.contributions import Authenticator, Credentials
from muster.plugin_api.lookup import PortLookup
from muster.plugin_api.sent_requests import SentRequest

__all__ = ["PUBLIC", "Identification", "known_caller"]

PUBLIC = "muster_public"
"""The option of a handler that answers whoever asks, and so asks nobody who they are."""


class _AsSent(SentRequest):
    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self._request = request

    @property
    def method(self) -> str:
        return self._request.scope["method"]

    @property
    def url(self) -> str:
        scope = self._request.scope
        target = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        return f"{scope['scheme']}://{self._request.headers.get('host', '')}{target}"

    async def body(self) -> bytes:
        # Litestar keeps what it has read in the scope, where the route finds it.
        return await self._request.body()


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

    async def principal(self, request: Request[Any, Any, Any]) -> Principal | None:
        """Return who asks; ``None`` where no authenticator takes the credentials for its own.

        Args:
            request: Of which only the headers are read, unless an authenticator wants more.

        Raises:
            Unauthenticated: One of them refused.
        """
        credentials = Credentials(request.scope["headers"], _AsSent(request))
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
    assert isinstance(connection, Request), "every route answers HTTP requests"
    principal = await identification.principal(connection)
    if principal is None:
        raise Unauthenticated("This needs authentication.")
    connection.scope.setdefault("state", {})[PRINCIPAL_KEY] = principal
