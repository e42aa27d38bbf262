"""A line in the log for each refused request that looks like an attempt to inject something.

It is the log and not the audit trail: the trail tells of changes, in the transaction of each, and
is sealed for ever; whoever is refused has changed nothing, is often nobody, and could make it grow
as they like.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from muster_edge.attempt_signs import signs_in
from muster_edge.counters import Charge
from muster_edge.limit_table import Limit
from muster_edge.limits import address_key
from muster_edge.process_counters import ProcessCounters

__all__ = ["ATTEMPTS_LOGGER", "TOLD_OF_ALL", "TOLD_OF_ONE", "RefusedAttempts"]

ATTEMPTS_LOGGER = "muster.security"

TOLD_OF_ONE = Limit(10, 60)
"""How many lines there are of one address."""

TOLD_OF_ALL = Limit(300, 60)
"""How many there are of all addresses together."""

_MOST_SOURCES = 10_000
_REFUSED = range(400, 500)

_log = structlog.get_logger(ATTEMPTS_LOGGER)


class RefusedAttempts:
    """Looks at path and query of what was refused, and at nothing else."""

    def __init__(self, app: ASGIApp, monotonic: Callable[[], float]) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            monotonic: Returns seconds that never go back.
        """
        self._app = app
        self._told = ProcessCounters(monotonic, _MOST_SOURCES)
        self._untold = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return

        async def noticed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _REFUSED:
                await self._look(scope, message["status"])
            await send(message)

        await self._app(scope, receive, noticed)

    async def _look(self, scope: HTTPScope, status: int) -> None:
        signs = {"path": signs_in(scope["raw_path"]), "query": signs_in(scope["query_string"])}
        found = {place: kinds for place, kinds in signs.items() if kinds}
        if not found:
            return
        client = scope.get("client")
        source = client[0] if client else None
        of_one = Charge(f"one:{address_key(source)}", TOLD_OF_ONE)
        if not (await self._told.charge([of_one, Charge("all", TOLD_OF_ALL)])).passed:
            self._untold += 1
            return
        untold, self._untold = self._untold, 0
        _log.warning(
            "attempt_refused",
            source=source,
            method=scope["method"],
            route=scope.get("path_template"),
            status=status,
            signs=found,
            untold=untold,
        )
