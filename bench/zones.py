"""Zone lookup in PostgreSQL, from few zones to very many."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from math import asin, degrees, pi, sqrt
from random import Random
from statistics import mean, median
from typing import Any

import asyncpg
from msgspec import Struct

from bench.deployment import deployed
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.replay import connect
from bench.report import say, table, write
from muster.domain.geography import Point, Vector, unit_vector
from muster_postgres.tidying import tidy_zones
from muster_postgres.zone_locator import AROUND

__all__ = ["ZonesPlan", "measure_zones"]

_RADIUS_KM = 10.0
_GOLDEN_ANGLE = pi * (3 - sqrt(5))

# A spiral of Fibonacci: zones spread evenly over the earth, however many they are. They come
# one by one: in no order, or from the north pole to the south, which the indexes like better.
_FILL = f"""
    INSERT INTO zones (id, name, folded_name, franchise_id, latitude, longitude, radius_km,
        time_zone, priority, status, version, created_at, updated_at, centre, reach, reach_chord)
    SELECT gen_random_uuid(), 'Zone ' || i, 'zone ' || i, NULL, degrees(asin(z)),
        degrees(atan2(y, x)), {_RADIUS_KM}, 'UTC', 0, 'ACTIVE', 1, now(), now(),
        cube(ARRAY[x, y, z]), cube_enlarge(cube(ARRAY[x, y, z]), chord, 3), chord
    FROM (
        SELECT i, z, sqrt(1 - z * z) * cos(i * {_GOLDEN_ANGLE}) AS x,
            sqrt(1 - z * z) * sin(i * {_GOLDEN_ANGLE}) AS y,
            2 * sin({_RADIUS_KM} / (2 * 6371.009)) + 1e-12 AS chord
        FROM (SELECT i, 1 - (2 * i + 1) / $1::float8 AS z FROM generate_series(0, $1 - 1) AS i)
            AS heights
    ) AS places
    ORDER BY CASE WHEN $2 THEN '' ELSE md5(i::text) END, i
"""


class ZonesPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        sizes: Numbers of zones, ascending.
        rounds: Turns over all sizes.
        lookups: Of either kind in each turn and size.
        shared_buffers: What PostgreSQL keeps in memory of its own, in its words.
        in_order: Whether zones come from the north to the south, or in no order.
        tidied: Whether they are put in order of place once they are there.
    """

    sizes: tuple[int, ...]
    rounds: int
    lookups: int
    shared_buffers: str
    in_order: bool
    tidied: bool


class _Executed(Struct, frozen=True):
    """What EXPLAIN ANALYZE says of one lookup."""

    milliseconds: float
    pages: int
    from_outside: int


class ZonesFound(Struct, frozen=True):
    """One size and kind of place; milliseconds.

    Attributes:
        zones: How many there are.
        places: ``covered`` by a zone, or ``uncovered``, where the nearest is sought.
        waits: A lookup, seen from a connection.
        p50: Of the rounds, seen from a connection.
        executed_p50: Of the rounds, inside PostgreSQL: what EXPLAIN ANALYZE says.
        pages: Read by a lookup in the mean, from index and table.
        from_outside: Of them those that PostgreSQL did not have in its own memory.
        indexes: That the plan uses.
    """

    zones: int
    places: str
    waits: Latencies
    p50: Spread
    executed_p50: Spread
    pages: float
    from_outside: float
    indexes: tuple[str, ...]


def measure_zones(plan: ZonesPlan, name: str) -> None:
    """Measure every size, print the table and write it."""
    with deployed(shared_buffers=plan.shared_buffers) as deployment:
        urls = {size: deployment.new_database() for size in plan.sizes}
        found = asyncio.run(_measured(plan, urls))
    for kind in ("covered", "uncovered"):
        own = [one for one in found if one.places == kind]
        seen = ratios(own[-1].p50.rounds, own[0].p50.rounds)
        inside = ratios(own[-1].executed_p50.rounds, own[0].executed_p50.rounds)
        say(
            f"{own[-1].zones:,} zones by {own[0].zones:,}, {kind}: {seen} from a connection, "
            f"{inside} inside PostgreSQL"
        )
    table(
        f"Zone lookup; median (least – most) of {plan.rounds} rounds",
        (
            "zones", "places", "p50 ms", "p95 / p99 ms", "p50 ms inside PostgreSQL", "pages",
            "indexes",
        ),
        [
            (
                f"{one.zones:,}", one.places, one.p50,
                f"{one.waits.p95:.2f} / {one.waits.p99:.2f}", one.executed_p50,
                f"{one.pages:.1f} ({one.from_outside:.1f} from outside)", ", ".join(one.indexes),
            )
            for one in found
        ],
    )  # fmt: skip
    write(name, found)


async def _measured(plan: ZonesPlan, urls: dict[int, str]) -> list[ZonesFound]:
    connections = {size: await _filled(url, size, plan) for size, url in urls.items()}
    found = []
    try:
        for kind in ("covered", "uncovered"):
            waits: dict[int, list[list[float]]] = {size: [] for size in plan.sizes}
            inside: dict[int, list[list[_Executed]]] = {size: [] for size in plan.sizes}
            for turn in range(plan.rounds + 1):
                for size, connection in connections.items():
                    places = list(_places(size, kind, plan.lookups, turn))
                    timed = await _timed(connection, places, covered=kind == "covered")
                    executed = [await _executed(connection, one) for one in places[:50]]
                    if turn:  # the first warms up
                        waits[size].append(timed)
                        inside[size].append(executed)
            for size, connection in connections.items():
                every = [one for each in inside[size] for one in each]
                found.append(
                    ZonesFound(
                        zones=size,
                        places=kind,
                        waits=latencies_of([one for each in waits[size] for one in each]),
                        p50=spread_of([median(each) * 1000 for each in waits[size]]),
                        executed_p50=spread_of(
                            [median(one.milliseconds for one in each) for each in inside[size]]
                        ),
                        pages=mean(one.pages for one in every),
                        from_outside=mean(one.from_outside for one in every),
                        indexes=await _indexes(connection, next(_places(size, kind, 1, 0))),
                    )
                )
    finally:
        for connection in connections.values():
            await connection.close()
    return found


async def _filled(url: str, size: int, plan: ZonesPlan) -> asyncpg.Connection[asyncpg.Record]:
    connection = await connect(url)
    began = time.monotonic()
    await connection.execute("SET statement_timeout = 0")
    await connection.execute("DELETE FROM zones")
    await connection.execute(_FILL, size, plan.in_order, timeout=3600)
    await connection.execute("VACUUM ANALYZE zones", timeout=3600)
    say(f"{size:,} zones made in {time.monotonic() - began:.0f} s")
    if plan.tidied:
        tidied = await asyncio.to_thread(tidy_zones, url)
        say(f"{size:,} zones put in order; out of reach for {tidied.closed_seconds:.1f} s")
    return connection


def _places(size: int, kind: str, number: int, turn: int) -> Iterator[Vector]:
    """Return places 3 km north of zones, or 11 km, which is beyond a zone's reach."""
    chance = Random(turn)
    away = degrees((3.0 if kind == "covered" else 11.0) / 6371.009)
    for _ in range(number):
        at = chance.randrange(size)
        latitude = degrees(asin(1 - (2 * at + 1) / size))
        longitude = (degrees(at * _GOLDEN_ANGLE) + 180) % 360 - 180
        yield unit_vector(Point(min(latitude + away, 90.0), longitude))


async def _timed(
    connection: asyncpg.Connection[asyncpg.Record], places: Sequence[Vector], *, covered: bool
) -> list[float]:
    waits = []
    hits = 0
    for place in places:
        began = time.perf_counter()
        rows = await connection.fetch(AROUND, place)
        waits.append(time.perf_counter() - began)
        hits += rows[0]["covers"] is covered
    # A neighbour may cover what lies beyond a zone where a million stand close together.
    assert hits > len(places) * 0.9, f"{hits} of {len(places)} places are as they should be"
    return waits


async def _executed(connection: asyncpg.Connection[asyncpg.Record], place: Vector) -> _Executed:
    found = await connection.fetchval(
        f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {AROUND}", place
    )
    told = json.loads(found)[0]
    outside = told["Plan"]["Shared Read Blocks"]
    pages = told["Plan"]["Shared Hit Blocks"] + outside
    return _Executed(told["Execution Time"], pages, outside)


async def _indexes(
    connection: asyncpg.Connection[asyncpg.Record], place: Vector
) -> tuple[str, ...]:
    """Return the indexes that the lookup uses; it may not read the table from end to end."""
    found = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {AROUND}", place)
    nodes = list(_nodes(json.loads(found)[0]["Plan"]))
    whole = [
        node
        for node in nodes
        if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == "zones"
    ]
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert used == {"zones_reach_idx", "zones_centre_idx"}, used
    assert not whole, "the table is read from end to end"
    return tuple(sorted(used))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)
