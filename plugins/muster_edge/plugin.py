"""The plugin: how the edge comes into Muster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from litestar.types import ASGIApp

from muster.plugin_api import (
    AnswerHeaders,
    HttpMiddleware,
    LifespanStep,
    Manifest,
    PortLookup,
    SettingsLookup,
    Slot,
    hookimpl,
)
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster_edge.audited_attempts import AuditedAttempts
from muster_edge.client_addresses import ClientAddresses, Proxies
from muster_edge.counters import Counters
from muster_edge.cross_origin import Origins, Preflights
from muster_edge.deadline import Deadline
from muster_edge.falling_back import FallingBack
from muster_edge.gates import AddressRule, Gates, host_name
from muster_edge.limit_table import limit_table
from muster_edge.limits import Limits
from muster_edge.networks import Networks
from muster_edge.process_counters import ProcessCounters
from muster_edge.refused_attempts import RefusedAttempts
from muster_edge.security_headers import SecurityHeaders
from muster_edge.settings import EdgeSettings
from muster_edge.size_bounds import SizeBounds
from muster_edge.size_table import SizeTable

if TYPE_CHECKING:
    from muster_edge.redis_counters import RedisCounters

__all__ = ["EdgePlugin"]


class EdgePlugin:
    """The hardened edge; each app has an instance of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(name="edge", api_version=1, settings=EdgeSettings)

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._shared: RedisCounters | None = None
        self._audited: AuditedAttempts | None = None

    @hookimpl
    def http_middleware(self, settings: SettingsLookup) -> Sequence[HttpMiddleware]:
        """Put the parts around the app; the numbers order them, the first outermost.

        Addresses come first, since all others ask for them; then the gates, so that nothing is
        answered to whom they refuse.
        """
        chosen = settings.section(EdgeSettings)
        parts: list[tuple[str, Callable[[ASGIApp, PortLookup], ASGIApp]]] = [
            ("edge-1-addresses", lambda app, _: ClientAddresses(app, _proxies(chosen))),
            ("edge-2-gates", lambda app, _: _gates(app, chosen)),
            ("edge-4-limits", lambda app, _: self._limits(app, chosen)),
            ("edge-5-attempts", self._attempts),
            ("edge-6-sizes", lambda app, _: SizeBounds(app, SizeTable(chosen.sizes))),
        ]
        if chosen.cors_origins:
            parts.append(
                (
                    "edge-3-preflights",
                    lambda app, _: Preflights(app, _origins(chosen), chosen.cors_max_age_seconds),
                )
            )
        if chosen.request_seconds:
            parts.append(("edge-7-deadline", lambda app, _: Deadline(app, chosen.request_seconds)))
        return [HttpMiddleware(Slot.SECURITY, name, wrap) for name, wrap in parts]

    @hookimpl
    def answer_headers(self, settings: SettingsLookup) -> Sequence[AnswerHeaders]:
        """Have every answer carry what browsers are to be told."""
        chosen = settings.section(EdgeSettings)
        told = [
            AnswerHeaders("security", SecurityHeaders(_proxies(chosen), _hsts(chosen)).complete)
        ]
        if chosen.cors_origins:
            told.append(AnswerHeaders("origins", _origins(chosen).complete))
        return told

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Close the connections to Redis at the end, and finish what is being entered."""
        # Of serving, so that it ends before the steps of the store: entries are still written.
        return [LifespanStep("edge", lambda ports: self._open(), serving=True)]

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if self._audited is not None:
                await self._audited.close()
            if self._shared is not None:
                await self._shared.close()

    def _attempts(self, app: ASGIApp, ports: PortLookup) -> ASGIApp:
        units, clock, entropy = (ports.get(UNIT_OF_WORK), ports.get(CLOCK), ports.get(ENTROPY))
        self._audited = AuditedAttempts(units, clock, entropy, monotonic)
        return RefusedAttempts(app, monotonic, self._audited)

    def _limits(self, app: ASGIApp, chosen: EdgeSettings) -> ASGIApp:
        own = ProcessCounters(monotonic)
        counters: Counters = own
        if chosen.redis_url is not None:
            from muster_edge.redis_counters import RedisCounters

            self._shared = RedisCounters(chosen.redis_url, chosen.redis_seconds)
            counters = FallingBack(self._shared, own, monotonic)
        return Limits(app, limit_table(chosen.limits), counters)


def _proxies(chosen: EdgeSettings) -> Proxies:
    return Proxies(Networks(chosen.trusted_proxies), chosen.forwarded_by)


def _gates(app: ASGIApp, chosen: EdgeSettings) -> ASGIApp:
    hosts = frozenset(name for host in chosen.hosts if (name := host_name(host)))
    everywhere = AddressRule(chosen.allow, chosen.deny)
    return Gates(app, hosts, everywhere, AddressRule(chosen.admin_allow, chosen.admin_deny))


def _origins(chosen: EdgeSettings) -> Origins:
    return Origins(chosen.cors_origins, credentials=chosen.cors_credentials)


def _hsts(chosen: EdgeSettings) -> str | None:
    if not chosen.hsts_seconds:
        return None
    subdomains = "; includeSubDomains" if chosen.hsts_subdomains else ""
    return f"max-age={chosen.hsts_seconds}{subdomains}"
