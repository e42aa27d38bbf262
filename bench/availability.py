"""A month of a zone's availability through one server."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import msgspec
from msgspec import Struct

from bench.companion import Companion
from bench.deployment import Deployment, Server, deployed, serving
from bench.figures import Latencies, Spread, latencies_of, percentile, spread_of
from bench.load import Load, LoadResult, generator, get
from bench.machine import cpu_seconds, cpu_seconds_of_children
from bench.purchases import COURSE, TIME_ZONE, Town, roster
from bench.replay import connect
from bench.report import say, table, write

__all__ = ["AvailabilityPlan", "measure_availability"]

_DAYS = 31
_AHEAD = timedelta(days=1)
_FIRST_HOUR, _LAST_HOUR = 8, 18
_FREE_DAY = 7

# Six days a week, ten hours a day, a lesson in two of three hours, from a month before to a
# month after the one that is asked for.
_FILL = """
    INSERT INTO schedule_slots (id, trainer_id, date, timeslot, during, live, time_zone, state,
        booking_id, session_id)
    SELECT gen_random_uuid(), trainer, day::date, to_char(begins, 'HH24:MI'),
        tstzrange(begins AT TIME ZONE $4, begins AT TIME ZONE $4 + interval '40 minutes'), true,
        $4, 'BOOKED', gen_random_uuid(), gen_random_uuid()
    FROM unnest($1::uuid[]) WITH ORDINALITY AS staff (trainer, number)
    CROSS JOIN generate_series($2::date::timestamp, $3::date, interval '1 day') AS day
    CROSS JOIN generate_series(8, 17) AS hour
    CROSS JOIN LATERAL (SELECT day + hour * interval '1 hour' AS begins) AS lesson
    WHERE extract(isodow FROM day) < 7
        AND (number * 7 + hour * 3 + extract(doy FROM day)::integer * 5) % 3 < 2
"""


class AvailabilityPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        clients: Concurrent clients, each number by itself.
        trainers: Of each zone.
        zones: Asked about in turn.
        rounds: Turns over all numbers of clients.
        requests: In each turn.
    """

    clients: tuple[int, ...]
    trainers: int
    zones: int
    rounds: int
    requests: int


class AvailabilityFound(Struct, frozen=True):
    """One number of clients; milliseconds.

    Attributes:
        clients: How many asked at once.
        trainers: Of each zone.
        slots_a_month: Live ones of a zone in the month asked for.
        bytes_answered: One answer.
        waits: Of all rounds.
        p95: Round by round.
        server_cpu_ms: For each answer.
        postgres_cpu_ms: For each answer.
    """

    clients: int
    trainers: int
    slots_a_month: int
    bytes_answered: int
    waits: Latencies
    p95: Spread
    server_cpu_ms: Spread
    postgres_cpu_ms: Spread


class _Turn(Struct, frozen=True):
    result: LoadResult
    server_ms: float
    postgres_ms: float


def measure_availability(plan: AvailabilityPlan, name: str) -> None:
    """Measure every number of clients, print the table and write it."""
    places = [Town(number) for number in range(plan.zones)]
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed())
        load = stack.enter_context(Companion(generator))
        deployment.give_trainers(_staff(places, plan.trainers))
        database = deployment.new_database()
        first = datetime.now(UTC).date() + _AHEAD
        slots = asyncio.run(_fill(database, places, plan.trainers, first))
        say(f"{slots:,} slots of a zone in the month")
        server = stack.enter_context(serving(deployment, database))
        requests = [get(path) for path in islice(cycle(_paths(places, first)), plan.requests)]
        found = _measured(plan, deployment, load, server, requests, slots)
    table(
        f"A month of a zone of {plan.trainers} trainers; median (least – most) of {plan.rounds} "
        "rounds",
        (
            "clients",
            "p50 / p95 / p99 ms",
            "p95 ms by round",
            "CPU ms: server + PostgreSQL",
            "bytes",
        ),
        [
            (
                one.clients,
                f"{one.waits.p50:.1f} / {one.waits.p95:.1f} / {one.waits.p99:.1f}",
                one.p95,
                f"{one.server_cpu_ms.median:.1f} + {one.postgres_cpu_ms.median:.1f}",
                f"{one.bytes_answered:,}",
            )
            for one in found
        ],
    )
    write(name, found)


def _measured(
    plan: AvailabilityPlan,
    deployment: Deployment,
    load: Companion[Load, LoadResult],
    server: Server,
    requests: list[bytes],
    slots: int,
) -> list[AvailabilityFound]:
    warm = Load(server.address, requests[: plan.zones * 2], 1, 200, b'"trainers":', keep=True)
    size = len(load.ask(warm).answers[0])
    turns: dict[int, list[_Turn]] = {clients: [] for clients in plan.clients}
    for _ in range(plan.rounds):
        for clients, results in turns.items():
            own, postgres = _cpu(deployment, server)
            result = load.ask(Load(server.address, requests, clients, 200, b'"trainers":'))
            own_after, postgres_after = _cpu(deployment, server)
            each = 1000 / len(result.waits)
            results.append(
                _Turn(result, (own_after - own) * each, (postgres_after - postgres) * each)
            )
    return [
        AvailabilityFound(
            clients=clients,
            trainers=plan.trainers,
            slots_a_month=slots,
            bytes_answered=size,
            waits=latencies_of([wait for turn in results for wait in turn.result.waits]),
            p95=spread_of([percentile(sorted(turn.result.waits), 0.95) * 1000 for turn in results]),
            server_cpu_ms=spread_of([turn.server_ms for turn in results]),
            postgres_cpu_ms=spread_of([turn.postgres_ms for turn in results]),
        )
        for clients, results in turns.items()
    ]


def _cpu(deployment: Deployment, server: Server) -> tuple[float, float]:
    return cpu_seconds(server.pid), cpu_seconds_of_children(deployment.postmaster)


def _staff(places: list[Town], trainers: int) -> bytes:
    """Return the trainers of some towns with hours, and a leave for every tenth."""
    staff: list[dict[str, Any]] = msgspec.json.decode(roster(places, trainers))
    today = datetime.now(UTC).date()
    leave = {"from": str(today + timedelta(days=5)), "to": str(today + timedelta(days=9))}
    for number, trainer in enumerate(staff):
        trainer["weeklyHours"] = [
            {"weekday": day, "from": f"{_FIRST_HOUR:02}:00", "to": f"{_LAST_HOUR}:00"}
            for day in range(1, _FREE_DAY)
        ]
        trainer["leave"] = [leave] if number % 10 == 0 else []
    return msgspec.json.encode(staff)


def _paths(places: list[Town], first: date) -> list[str]:
    last = first + timedelta(days=_DAYS - 1)
    return [
        f"/v1/zones/{town.zone_id}/availability?courseId={COURSE}&from={first}&to={last}"
        for town in places
    ]


async def _fill(url: str, places: list[Town], trainers: int, first: date) -> int:
    """Make the slots; return how many a zone has in the month."""
    month = timedelta(days=_DAYS)
    connection = await connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("SET synchronous_commit = off")
        ids = [id_ for town in places for id_ in town.trainer_ids(trainers)]
        span = first - month, first + 2 * month
        await connection.execute(_FILL, ids, *span, TIME_ZONE, timeout=3600)
        await connection.execute("VACUUM ANALYZE schedule_slots", timeout=3600)
        slots: int = await connection.fetchval(
            "SELECT count(*) FROM schedule_slots WHERE trainer_id = ANY ($1) AND date >= $2 "
            "AND date < $3",
            places[0].trainer_ids(trainers),
            first,
            first + month,
        )
    finally:
        await connection.close()
    return slots
