"""What telemetry costs: read routes of servers without it, and with it, in turns."""

from __future__ import annotations

import asyncio
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import cycle, islice

import asyncpg
from msgspec import Struct

from bench.bookings import place, staffed
from bench.companion import Companion
from bench.deployment import Server, deployed, serving, spoken
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.load import Load, LoadResult, generator, get
from bench.machine import cpu_seconds
from bench.purchases import Town, request_body
from bench.reads import ReadsPlan
from bench.report import say, table, write

__all__ = ["measure_telemetry"]

_CANDIDATES = 20
_WITHOUT = "without"
_SHARES = {"metrics alone": None, "10 % of traces": "0.1", "100 % of traces": "1"}
"""What is compared with a server without telemetry; each measures too."""


class TelemetryFound(Struct, frozen=True):
    """One route and one server; ratios are to the one without telemetry, round by round."""

    route: str
    telemetry: str
    rate: Spread
    rate_ratio: Spread
    cpu_ms: Spread
    cpu_ratio: Spread
    waits: Latencies


class _Turn(Struct, frozen=True):
    rate: float
    cpu_ms: float
    waits: list[float]


def measure_telemetry(plan: ReadsPlan, name: str) -> None:
    """Measure every route and server, print the table and write it."""
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed())
        load = stack.enter_context(Companion(generator))
        sink = stack.enter_context(
            spoken(
                [sys.executable, "-m", "bench.otlp_sink"], {}, deployment.home / "sink.log",
                "sink at ",
            )
        )  # fmt: skip
        database = deployment.new_database()
        servers = {
            told: stack.enter_context(serving(deployment, database, settings))
            for told, settings in _settings(sink).items()
        }
        places = staffed(deployment, _CANDIDATES)
        bodies = [request_body(number, places, 10) for number in range(plan.bookings)]
        place(load, servers[_WITHOUT], bodies, plan.clients)
        found = [
            one
            for route, paths in asyncio.run(_paths(database, places)).items()
            for one in _measured(plan, load, servers, route, paths)
        ]
        _hold_to_what_was_sent(sink)
    table(
        f"Reads per second, {plan.clients} clients; median (least – most) of {plan.rounds} rounds",
        (
            "route", "telemetry", "rate", "by that without", "CPU ms", "by that without",
            "p50 / p95 / p99 ms",
        ),
        [
            (
                one.route, one.telemetry, one.rate, one.rate_ratio, one.cpu_ms, one.cpu_ratio,
                f"{one.waits.p50:.1f} / {one.waits.p95:.1f} / {one.waits.p99:.1f}",
            )
            for one in found
        ],
    )  # fmt: skip
    write(name, found)


def _settings(sink: Server) -> dict[str, dict[str, str]]:
    return {_WITHOUT: {}} | {
        told: {
            "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,telemetry",
            "MUSTER_TELEMETRY__METRICS": "otlp",
            "MUSTER_TELEMETRY__TRACES": "off" if share is None else "otlp",
            "OTEL_TRACES_SAMPLER_ARG": share or "0",
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.address,
        }
        for told, share in _SHARES.items()
    }


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
    servers: Mapping[str, Server],
    route: str,
    paths: list[str],
) -> list[TelemetryFound]:
    requests = [get(path) for path in islice(cycle(paths), plan.requests)]
    turns: dict[str, list[_Turn]] = {told: [] for told in servers}
    for number in range(plan.rounds + 1):
        for told, server in servers.items():
            turn = _turn(load, server, requests, plan.clients)
            if number:  # the first warms up
                turns[told].append(turn)
    found = [_found(route, told, turns[told], turns[_WITHOUT]) for told in servers]
    for one in found:
        say(f"{route}, {one.telemetry}: {one.rate}, ratio {one.rate_ratio}, CPU {one.cpu_ratio}")
    return found


def _turn(
    load: Companion[Load, LoadResult], server: Server, requests: list[bytes], clients: int
) -> _Turn:
    began = cpu_seconds(server.pid)
    result = load.ask(Load(server.address, requests, clients, 200, b'"id"'))
    used = cpu_seconds(server.pid) - began
    return _Turn(result.rate, used * 1000 / len(result.waits), result.waits)


def _found(
    route: str, told: str, turns: Sequence[_Turn], without: Sequence[_Turn]
) -> TelemetryFound:
    rates, cpu = ([one.rate for one in turns], [one.cpu_ms for one in turns])
    return TelemetryFound(
        route=route,
        telemetry=told,
        rate=spread_of(rates),
        rate_ratio=ratios(rates, [one.rate for one in without]),
        cpu_ms=spread_of(cpu),
        cpu_ratio=ratios(cpu, [one.cpu_ms for one in without]),
        waits=latencies_of([wait for one in turns for wait in one.waits]),
    )


def _hold_to_what_was_sent(sink: Server) -> None:
    with urllib.request.urlopen(sink.address, timeout=10) as answer:
        taken = int(answer.read())
    if not taken:
        raise RuntimeError("the sink was sent nothing: no server has traced")
    say(f"The sink was sent {taken / 1_000_000:.1f} MB.")
