"""Read routes of servers that differ in their plugins: in turns, beside one with none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import cycle, islice

import asyncpg
from msgspec import Struct

from bench.bookings import place, staffed
from bench.companion import Companion
from bench.deployment import Deployment, Server, serving
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.load import Load, LoadResult, generator, get
from bench.machine import cpu_seconds
from bench.purchases import Town, request_body
from bench.reads import ReadsPlan
from bench.report import say, table

__all__ = ["ComparedServer", "ServerFound", "compare", "show"]

_CANDIDATES = 20


class ComparedServer(Struct, frozen=True):
    """A server to measure.

    Attributes:
        called: What the table calls it.
        settings: Its own.
        token: What it is shown with each request; ``None`` where its doors are open.
    """

    called: str
    settings: Mapping[str, str]
    token: str | None = None


class ServerFound(Struct, frozen=True):
    """One route and one server; ratios are to the first server, round by round."""

    route: str
    server: str
    rate: Spread
    rate_ratio: Spread
    cpu_ms: Spread
    cpu_ratio: Spread
    waits: Latencies


class _Turn(Struct, frozen=True):
    rate: float
    cpu_ms: float
    waits: list[float]


def compare(
    plan: ReadsPlan, deployment: Deployment, database: str, compared: Sequence[ComparedServer]
) -> list[ServerFound]:
    """Measure every route of every server.

    Args:
        plan: How much.
        deployment: What they run on.
        database: Which they share.
        compared: The first is what the others are compared with, and its doors are open.
    """
    with ExitStack() as stack:
        load = stack.enter_context(Companion(generator))
        running = [
            (one, stack.enter_context(serving(deployment, database, one.settings)))
            for one in compared
        ]
        places = staffed(deployment, _CANDIDATES)
        bodies = [request_body(number, places, 10) for number in range(plan.bookings)]
        place(load, running[0][1], bodies, plan.clients)
        return [
            one
            for route, paths in asyncio.run(_paths(database, places)).items()
            for one in _measured(plan, load, running, route, paths)
        ]


def show(plan: ReadsPlan, column: str, found: Sequence[ServerFound]) -> None:
    """Print what was found.

    Args:
        plan: By which it was found.
        column: Over what the servers are called.
        found: By ``compare``.
    """
    beside = f"by that {found[0].server}"
    table(
        f"Reads per second, {plan.clients} clients; median (least – most) of {plan.rounds} rounds",
        ("route", column, "rate", beside, "CPU ms", beside, "p50 / p95 / p99 ms"),
        [
            (
                one.route, one.server, one.rate, one.rate_ratio, one.cpu_ms, one.cpu_ratio,
                f"{one.waits.p50:.1f} / {one.waits.p95:.1f} / {one.waits.p99:.1f}",
            )
            for one in found
        ],
    )  # fmt: skip


async def _paths(database: str, places: list[Town]) -> dict[str, list[str]]:
    connection = await asyncpg.connect(database)
    try:
        bookings = await connection.fetch("SELECT id FROM bookings LIMIT 200")
    finally:
        await connection.close()
    return {
        "GET booking of 10 sessions": [f"/v1/bookings/{row['id']}" for row in bookings],
        "GET zone lookup": [
            f"/v1/zones/lookup?latitude={town.centre.latitude + 0.01:.4f}"
            f"&longitude={town.centre.longitude + 0.01:.4f}"
            for town in places
        ],
    }


def _measured(
    plan: ReadsPlan,
    load: Companion[Load, LoadResult],
    running: Sequence[tuple[ComparedServer, Server]],
    route: str,
    paths: list[str],
) -> list[ServerFound]:
    turns: dict[str, list[_Turn]] = {one.called: [] for one, _ in running}
    for number in range(plan.rounds + 1):
        for one, server in running:
            requests = [get(path, one.token) for path in islice(cycle(paths), plan.requests)]
            turn = _turn(load, server, requests, plan.clients)
            if number:  # the first warms up
                turns[one.called].append(turn)
    without = next(iter(turns.values()))
    found = [_found(route, called, of_one, without) for called, of_one in turns.items()]
    for shown in found:
        say(
            f"{route}, {shown.server}: {shown.rate}, ratio {shown.rate_ratio}, "
            f"CPU {shown.cpu_ratio}"
        )
    return found


def _turn(
    load: Companion[Load, LoadResult], server: Server, requests: list[bytes], clients: int
) -> _Turn:
    began = cpu_seconds(server.pid)
    result = load.ask(Load(server.address, requests, clients, 200, b'"id"'))
    used = cpu_seconds(server.pid) - began
    return _Turn(result.rate, used * 1000 / len(result.waits), result.waits)


def _found(
    route: str, called: str, turns: Sequence[_Turn], without: Sequence[_Turn]
) -> ServerFound:
    rates, cpu = ([one.rate for one in turns], [one.cpu_ms for one in turns])
    return ServerFound(
        route=route,
        server=called,
        rate=spread_of(rates),
        rate_ratio=ratios(rates, [one.rate for one in without]),
        cpu_ms=spread_of(cpu),
        cpu_ratio=ratios(cpu, [one.cpu_ms for one in without]),
        waits=latencies_of([wait for one in turns for wait in one.waits]),
    )
