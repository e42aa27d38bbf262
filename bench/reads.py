"""The read routes of the server, next to the same queries in a bare Litestar handler."""

from __future__ import annotations

import asyncio
import sys
import time
import urllib.request
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from itertools import cycle, islice

import asyncpg
import msgspec
from msgspec import Struct

from bench.bookings import place, staffed
from bench.companion import Companion
from bench.deployment import Deployment, Server, deployed, serving, spoken
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.load import Load, LoadResult, generator, get
from bench.machine import cpu_seconds
from bench.purchases import Town, request_body
from bench.report import say, table, write

__all__ = ["ReadsPlan", "measure_reads", "reads_plan"]

_CANDIDATES = 20


class ReadsPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        clients: Concurrent clients.
        rounds: Turns of server and bare app.
        requests: In each turn.
        bookings: How many are there to be read.
    """

    clients: int
    rounds: int
    requests: int
    bookings: int


def reads_plan(*, quick: bool, rounds: int, clients: int, requests: int) -> ReadsPlan:
    """Return what to measure.

    Args:
        quick: Whether it is enough to see that it runs.
        rounds: Turns.
        clients: Concurrent clients.
        requests: In each turn.
    """
    return ReadsPlan(
        clients=clients,
        rounds=1 if quick else rounds,
        requests=min(requests, 200) if quick else requests,
        bookings=64 if quick else 640,
    )


class ReadFound(Struct, frozen=True):
    """One route; rates in answers per second, processor time in milliseconds for each."""

    route: str
    bytes_answered: int
    server: Spread
    bare: Spread
    ratio: Spread
    waits: Latencies
    waits_bare: Latencies
    server_cpu_ms: Spread
    bare_cpu_ms: Spread
    generator_cpu_share: Spread


def measure_reads(plan: ReadsPlan, name: str) -> None:
    """Measure every route, print the table and write it."""
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed())
        load = stack.enter_context(Companion(generator))
        database = deployment.new_database()
        server = stack.enter_context(serving(deployment, database))
        places = staffed(deployment, _CANDIDATES)
        bodies = [request_body(number, places, 10) for number in range(plan.bookings)]
        place(load, server, bodies, plan.clients)
        bare = stack.enter_context(_bare(deployment, database))
        paths = asyncio.run(_paths(database, places))
        found = [
            _measured(plan, load, server, bare, route, known) for route, known in paths.items()
        ]
    table(
        f"Reads per second, {plan.clients} clients; median (least – most) of {plan.rounds} rounds",
        (
            "route", "bytes", "server", "bare Litestar", "ratio", "p50 / p95 / p99 ms",
            "bare p50 ms", "CPU ms: server", "bare", "load generator",
        ),
        [
            (
                read.route, read.bytes_answered, read.server, read.bare, read.ratio,
                f"{read.waits.p50:.1f} / {read.waits.p95:.1f} / {read.waits.p99:.1f}",
                f"{read.waits_bare.p50:.1f}",
                f"{read.server_cpu_ms.median:.2f}",
                f"{read.bare_cpu_ms.median:.2f}",
                f"{read.generator_cpu_share.median:.0%} of a core",
            )
            for read in found
        ],
    )  # fmt: skip
    write(name, found)


def _bare(deployment: Deployment, database: str) -> AbstractContextManager[Server]:
    return spoken(
        [sys.executable, "-m", "bench.bare_app"],
        deployment.environ(database),
        deployment.home / "bare.log",
        "bare app at ",
    )


async def _paths(database: str, places: list[Town]) -> dict[str, list[str]]:
    connection = await asyncpg.connect(database)
    try:
        bookings = await connection.fetch("SELECT id FROM bookings LIMIT 200")
        busy = await connection.fetch(
            "SELECT trainer_id, min(date) AS first FROM schedule_slots GROUP BY 1 LIMIT 200"
        )
    finally:
        await connection.close()
    return {
        "GET booking of 10 sessions": [f"/v1/bookings/{row['id']}" for row in bookings],
        "GET zone lookup": [
            f"/v1/zones/lookup?latitude={town.centre.latitude + 0.01:.4f}"
            f"&longitude={town.centre.longitude + 0.01:.4f}"
            for town in places
        ],
        "GET trainer schedule": [
            f"/v1/trainers/{row['trainer_id']}/schedule?from={row['first']}"
            f"&to={row['first'] + timedelta(days=27)}"
            for row in busy
        ],
    }


def _measured(
    plan: ReadsPlan,
    load: Companion[Load, LoadResult],
    server: Server,
    bare: Server,
    route: str,
    paths: list[str],
) -> ReadFound:
    size = _same_answer(server, bare, paths[0])
    requests = [get(path) for path in islice(cycle(paths), plan.requests)]
    turns: dict[str, list[tuple[LoadResult, float]]] = {server.address: [], bare.address: []}
    for turn in range(plan.rounds + 1):
        for one in (server, bare):
            began = cpu_seconds(one.pid)
            result = load.ask(Load(one.address, requests, plan.clients, 200, b'"id"'))
            used = (cpu_seconds(one.pid) - began) * 1000 / len(result.waits)
            if turn:  # the first warms up
                turns[one.address].append((result, used))
    served, bared = turns[server.address], turns[bare.address]
    found = ReadFound(
        route=route,
        bytes_answered=size,
        server=spread_of([result.rate for result, _ in served]),
        bare=spread_of([result.rate for result, _ in bared]),
        ratio=ratios([one.rate for one, _ in served], [one.rate for one, _ in bared]),
        waits=latencies_of([wait for result, _ in served for wait in result.waits]),
        waits_bare=latencies_of([wait for result, _ in bared for wait in result.waits]),
        server_cpu_ms=spread_of([used for _, used in served]),
        bare_cpu_ms=spread_of([used for _, used in bared]),
        generator_cpu_share=spread_of([result.cpu_share for result, _ in bared]),
    )
    say(
        f"{route}: server {found.server}, bare {found.bare}, ratio {found.ratio}; "
        "round by round " + ", ".join(f"{one:.2f}" for one in found.ratio.rounds)
    )
    return found


def _same_answer(server: Server, bare: Server, path: str) -> int:
    """Hold both to the same answer, and return its size in bytes."""
    one, other = (_body(each, path) for each in (server, bare))
    if msgspec.json.decode(one) != msgspec.json.decode(other):
        raise RuntimeError(f"{path} is answered differently:\n{one!r}\n{other!r}")
    return len(one)


def _body(server: Server, path: str) -> bytes:
    for _ in range(50):
        try:
            with urllib.request.urlopen(server.address + path, timeout=10) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.URLError:
            time.sleep(0.1)  # the bare app says its address before it accepts
    raise RuntimeError(f"{server.address} does not answer")
