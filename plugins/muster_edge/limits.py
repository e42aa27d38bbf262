"""Limits: who has asked too often is told when to come again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from muster.plugin_api import counted_address
from muster_edge.counters import Charge, Count, Counters, Tally
from muster_edge.limit_table import LimitName, LimitTable
from muster_edge.noted_headers import note_headers
from muster_edge.paths import PROBES, segments
from muster_edge.refusals import RateLimited
from muster_edge.route_classes import RouteClass, route_class

__all__ = ["UNLIMITED", "Limits", "address_key", "caller_key"]

UNLIMITED = PROBES | {"/metrics"}
"""What whoever operates Muster must be able to ask at any time."""

_NOBODY = "unknown"
_BY_ADDRESS = (RouteClass.LOGIN, RouteClass.VERIFY)
_FAILED = range(400, 500)
_TOO_MANY = 429


def address_key(client: str | None) -> str:
    """Return what requests are counted under by where they come from.

    Args:
        client: The address, as it is in the scope; all unknown ones are one.
    """
    counted = None if client is None else counted_address(client)
    return counted or _NOBODY


def caller_key(scope: HTTPScope, by_address: str) -> str:
    """Return what requests are counted under by who asks: a digest of the token, or the address.

    Whether a token is genuine is not known here. The limit of the address holds whatever is
    made up.
    """
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    if not sent:
        return by_address
    return "token:" + blake2b(b"\0".join(sent), digest_size=16).hexdigest()


class Limits:
    """Counts each request before anything else is done for it."""

    def __init__(self, app: ASGIApp, table: LimitTable, counters: Counters) -> None:
        """Wrap an app.

        Args:
            app: The app inside.
            table: The limits.
            counters: Where requests are counted; they are always there.
        """
        self._app = app
        self._table = table
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            RateLimited: One of its windows is full.
        """
        if scope["type"] != ScopeType.HTTP or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        source = address_key(client[0] if client else None)
        named = list(self._charges(scope, source))
        await self._count(scope, named)
        flood = self._table.get(LimitName.ERRORS)

        async def noticed(message: Message) -> None:
            if flood and message["type"] == "http.response.start":
                status = message["status"]
                if status in _FAILED and status != _TOO_MANY:
                    await self._counters.charge([Charge(_key(LimitName.ERRORS, source), flood)])
            await send(message)

        await self._app(scope, receive, noticed)

    def _charges(self, scope: HTTPScope, source: str) -> Iterator[tuple[LimitName, Charge]]:
        found = route_class(scope["method"], segments(scope["path"]))
        caller = caller_key(scope, source)
        name = LimitName(found.value)
        windows = (
            (name, source if found in _BY_ADDRESS else caller, 1),
            (LimitName.EVERYTHING, caller, 1),
            (LimitName.ADDRESS, source, 1),
            (LimitName.ERRORS, source, 0),
        )
        for name, whose, cost in windows:
            if limit := self._table.get(name):
                yield name, Charge(_key(name, whose), limit, cost)

    async def _count(self, scope: HTTPScope, named: Sequence[tuple[LimitName, Charge]]) -> None:
        if not named:
            return
        tally = await self._counters.charge([charge for _, charge in named])
        note_headers(scope, _headers(named, tally))
        if tally.passed:
            return
        waits = [
            count.seconds_left
            for (_, charge), count in zip(named, tally.counts, strict=True)
            if count.used >= charge.limit.requests
        ]
        seconds = _whole_seconds(max(waits))
        raise RateLimited(f"Too many requests; try again in {seconds} s.", seconds)


def _key(name: LimitName, whose: str) -> str:
    return f"{name.value}:{whose}"


def _headers(named: Sequence[tuple[LimitName, Charge]], tally: Tally) -> list[tuple[bytes, bytes]]:
    """Return both headers of draft-ietf-httpapi-ratelimit-headers-10, one item for each window."""
    policies = [
        f'"{name.value}";q={one.limit.requests};w={one.limit.seconds}' for name, one in named
    ]
    stands = [
        f'"{name.value}";r={_left(one, count)};t={_whole_seconds(count.seconds_left)}'
        for (name, one), count in zip(named, tally.counts, strict=True)
    ]
    return [
        (b"ratelimit-policy", ", ".join(policies).encode("ascii")),
        (b"ratelimit", ", ".join(stands).encode("ascii")),
    ]


def _left(charge: Charge, count: Count) -> int:
    return max(0, charge.limit.requests - count.used)


def _whole_seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds))
