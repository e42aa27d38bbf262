"""What is told of refused requests that look like attempts to inject something.

A line in the log for each; in the audit trail, which is sealed for ever, one entry an hour of an
address from each process: whoever is refused is often nobody, and could make it grow as they like.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from muster.plugin_api import caller_of
from muster_edge.attempt_signs import signs_in
from muster_edge.audited_attempts import AuditedAttempts
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

    def __init__(
        self, app: ASGIApp, monotonic: Callable[[], float], audited: AuditedAttempts
    ) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            monotonic: Returns seconds that never go back.
            audited: Has some of it entered into the audit trail.
        """
        self._app = app
        self._audited = audited
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
        caller = caller_of(ASGIConnection(scope))
        of_one = Charge(f"one:{address_key(caller.address)}", TOLD_OF_ONE)
        if not (await self._told.charge([of_one, Charge("all", TOLD_OF_ALL)])).passed:
            self._untold += 1
            return
        untold, self._untold = self._untold, 0
        told = {
            "method": scope["method"],
            "route": scope.get("path_template"),
            "status": status,
            "signs": found,
        }
        _log.warning("attempt_refused", source=caller.address, untold=untold, **told)
        await self._audited.enter(caller, **told)
