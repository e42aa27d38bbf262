"""Placing a booking with few and with very many slots in the table."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack

from msgspec import Struct

from bench.bookings import place, staffed
from bench.companion import Companion
from bench.deployment import deployed, serving
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.load import generator
from bench.purchases import Town, request_body
from bench.replay import connect
from bench.report import say, table, write

__all__ = ["SlotsPlan", "measure_slots"]

_CANDIDATES = 20
_SLOTS_OF_A_TRAINER = 1_000
_WARMING = 64

# Every trainer has as many slots, one a day up to yesterday, at an hour of the trainer's
# own; all of them live, as those of lessons that were held are.
_FILL = """
    INSERT INTO schedule_slots (id, trainer_id, date, timeslot, during, live, time_zone, state,
        booking_id, session_id)
    SELECT gen_random_uuid(), trainer, day::date, '09:00',
        tstzrange(day + interval '9 hours', day + interval '9 hours 40 minutes'), true, 'UTC',
        'BOOKED', gen_random_uuid(), gen_random_uuid()
    FROM generate_series(1, $2::integer) AS back
    CROSS JOIN unnest($1::uuid[]) AS trainer
    CROSS JOIN LATERAL (SELECT date_trunc('day', now()) - back * interval '1 day' AS day) AS at
    LIMIT $3
"""


class SlotsPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        sizes: Numbers of slots, ascending.
        rounds: Turns over all sizes.
        bookings: In each turn and size.
    """

    sizes: tuple[int, ...]
    rounds: int
    bookings: int


class SlotsFound(Struct, frozen=True):
    """One size; milliseconds of one client that places bookings of 10 sessions."""

    slots: int
    filled_seconds: float
    waits: Latencies
    p50: Spread


def measure_slots(plan: SlotsPlan, name: str) -> None:
    """Measure every size, print the table and write it."""
    waits: dict[int, list[list[float]]] = {size: [] for size in plan.sizes}
    filled: dict[int, float] = {}
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed())
        load = stack.enter_context(Companion(generator))
        places = staffed(deployment, _CANDIDATES)
        servers = {}
        for size in plan.sizes:
            database = deployment.new_database()
            filled[size] = asyncio.run(_fill(database, size, places))
            say(f"{size:,} slots made in {filled[size]:.0f} s")
            servers[size] = stack.enter_context(serving(deployment, database))
        for server in servers.values():
            bodies = [request_body(number, places, 10) for number in range(_WARMING)]
            place(load, server, bodies, 1)
        for turn in range(plan.rounds):
            first = _WARMING + turn * plan.bookings
            bodies = [
                request_body(number, places, 10) for number in range(first, first + plan.bookings)
            ]
            for size, server in servers.items():
                waits[size].append(place(load, server, bodies, 1).waits)
    found = [
        SlotsFound(
            slots=size,
            filled_seconds=filled[size],
            waits=latencies_of([wait for each in turns for wait in each]),
            p50=spread_of([latencies_of(each).p50 for each in turns]),
        )
        for size, turns in waits.items()
    ]
    ratio = ratios(found[-1].p50.rounds, found[0].p50.rounds)
    table(
        f"Placing through the server, 1 client; median (least – most) of {plan.rounds} rounds",
        ("slots in the table", "p50 ms", "p95 / p99 ms"),
        [
            (f"{one.slots:,}", one.p50, f"{one.waits.p95:.1f} / {one.waits.p99:.1f}")
            for one in found
        ],
    )
    say(
        f"{found[-1].slots:,} by {found[0].slots:,}: {ratio}; round by round "
        + ", ".join(f"{one:.2f}" for one in ratio.rounds)
    )
    write(name, found)


async def _fill(url: str, size: int, places: list[Town]) -> float:
    """Make the slots; the candidates have their share, and others the rest."""
    began = time.monotonic()
    candidates = [id_ for town in places for id_ in town.trainer_ids(_CANDIDATES)]
    others = [
        id_
        for number in range(len(places), len(places) + size // _SLOTS_OF_A_TRAINER)
        for id_ in Town(number).trainer_ids(1)
    ]
    trainers = (candidates + others)[: max(len(candidates), size // _SLOTS_OF_A_TRAINER)]
    connection = await connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        # Only for the filling: the bookings that are timed commit as by default.
        await connection.execute("SET synchronous_commit = off")
        each = -(-size // len(trainers))
        await connection.execute(_FILL, trainers, each, size, timeout=7200)
        await connection.execute("VACUUM ANALYZE schedule_slots", timeout=3600)
        await connection.execute("CHECKPOINT", timeout=600)
    finally:
        await connection.close()
    return time.monotonic() - began
