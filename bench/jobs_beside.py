"""Bookings by a server while a worker beside it is busy, and while it has nothing to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count

import asyncpg
from msgspec import Struct

from bench.bookings import Generator, place, staffed
from bench.companion import Companion
from bench.deployment import Deployment, Server, deployed, muster, serving, spoken
from bench.figures import Latencies, Spread, latencies_of, percentile, ratios, spread_of
from bench.load import LoadResult, generator
from bench.machine import cpu_seconds
from bench.purchases import Town, request_body
from bench.report import say, table, write

__all__ = ["BesidePlan", "measure_beside"]

_CANDIDATES = 20
_WARMING = 64
_JOBS = {"MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,jobs"}
_ALOOF = _JOBS | {"MUSTER_JOBS__WORK_IN_SERVER": "false"}
_FOR_EACH_BOOKING = 500
_UNDER_WAY = 100
"""So many jobs are done before it is measured: those left from the last turn are not these."""

# Each looks at a booking and finds that it has earned no certificate: work that reads, locks and
# commits, and leaves the bookings as they are.
_FILL = """
    INSERT INTO jobs (id, type, state, payload, asked_at, run_at, correlation_id)
    SELECT gen_random_uuid(), 'jobs/issue-certificates', 'WAITING',
        jsonb_build_object('booking_id', chosen.id), now(), now(), 'bench'
    FROM (SELECT id FROM bookings LIMIT 64) AS chosen, generate_series(1, $1::integer)
"""
_LEFT = "SELECT count(*) FROM jobs WHERE state = 'WAITING' AND correlation_id = 'bench'"
_DONE = "SELECT count(*) FROM jobs WHERE state = 'DONE' AND correlation_id = 'bench'"
_CLEAR = "DELETE FROM jobs WHERE correlation_id = 'bench' AND state <> 'RUNNING'"


class BesidePlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        clients: Concurrent clients.
        bookings: In each turn.
        rounds: Turns, idle and busy.
    """

    clients: int
    bookings: int
    rounds: int


class BesideFound(Struct, frozen=True):
    """What was found.

    Attributes:
        idle: Waits for a booking while the worker has nothing to do.
        busy: While it has more than it can do.
        ratio: Of the 99th percentiles, round by round.
        rate_idle: Bookings per second.
        rate_busy: Bookings per second.
        jobs: That the worker did in a second while it was busy.
        worker_cpu_share: How much of a core it used then.
    """

    idle: Latencies
    busy: Latencies
    ratio: Spread
    rate_idle: Spread
    rate_busy: Spread
    jobs: Spread
    worker_cpu_share: Spread


class _Turn(Struct, frozen=True):
    result: LoadResult
    jobs: float = 0.0
    cpu_share: float = 0.0


def measure_beside(plan: BesidePlan, name: str) -> None:
    """Measure, print the table and write it."""
    turns: list[tuple[_Turn, _Turn]] = []
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed())
        load = stack.enter_context(Companion(generator))
        database = deployment.new_database()
        server = stack.enter_context(serving(deployment, database, _ALOOF))
        worker = stack.enter_context(_working(deployment, database))
        places, numbers = staffed(deployment, _CANDIDATES), count()
        place(load, server, _bodies(places, numbers, _WARMING), plan.clients)
        for turn in range(plan.rounds):
            say(f"Round {turn + 1}: {plan.bookings} bookings, worker idle and busy")
            idle = _Turn(place(load, server, _bodies(places, numbers, plan.bookings), plan.clients))
            bodies = _bodies(places, numbers, plan.bookings)
            turns.append((idle, _beside_busy(database, worker, load, server, bodies, plan)))
    found = _found(turns)
    _print(found, plan)
    write(name, found)


def _bodies(places: list[Town], numbers: Iterator[int], many: int) -> list[bytes]:
    return [request_body(next(numbers), places, 10) for _ in range(many)]


def _working(deployment: Deployment, database: str) -> AbstractContextManager[Server]:
    return spoken(
        muster(["worker"]),
        deployment.environ(database) | _JOBS,
        deployment.home / "worker.log",
        "Working on ",
    )


def _beside_busy(
    database: str,
    worker: Server,
    load: Generator,
    server: Server,
    bodies: list[bytes],
    plan: BesidePlan,
) -> _Turn:
    with _busy(database):
        done, cpu, began = _asked(database, _DONE), cpu_seconds(worker.pid), time.perf_counter()
        result = place(load, server, bodies, plan.clients)
        seconds = time.perf_counter() - began
        used = cpu_seconds(worker.pid) - cpu
        done = _asked(database, _DONE) - done
        if not _asked(database, _LEFT):
            raise RuntimeError("the worker had too little to do")
    return _Turn(result, done / seconds, used / seconds)


@contextmanager
def _busy(database: str) -> Iterator[None]:
    """Give the worker more than it can do; take back what is left."""
    begun = _asked(database, _DONE) + _UNDER_WAY
    _run(database, _FILL, _FOR_EACH_BOOKING)
    while _asked(database, _DONE) < begun:
        time.sleep(0.05)
    yield
    _run(database, _CLEAR)


def _asked(database: str, question: str) -> int:
    async def asked() -> int:
        connection = await asyncpg.connect(database)
        try:
            return int(await connection.fetchval(question))
        finally:
            await connection.close()

    return asyncio.run(asked())


def _run(database: str, statement: str, *arguments: int) -> None:
    async def ran() -> None:
        connection = await asyncpg.connect(database)
        try:
            await connection.execute(statement, *arguments)
        finally:
            await connection.close()

    asyncio.run(ran())


def _found(turns: list[tuple[_Turn, _Turn]]) -> BesideFound:
    idle, busy = [turn[0] for turn in turns], [turn[1] for turn in turns]
    return BesideFound(
        idle=latencies_of([wait for turn in idle for wait in turn.result.waits]),
        busy=latencies_of([wait for turn in busy for wait in turn.result.waits]),
        ratio=ratios([_p99(turn) for turn in busy], [_p99(turn) for turn in idle]),
        rate_idle=spread_of([turn.result.rate for turn in idle]),
        rate_busy=spread_of([turn.result.rate for turn in busy]),
        jobs=spread_of([turn.jobs for turn in busy]),
        worker_cpu_share=spread_of([turn.cpu_share for turn in busy]),
    )


def _p99(turn: _Turn) -> float:
    return percentile(sorted(turn.result.waits), 0.99)


def _print(found: BesideFound, plan: BesidePlan) -> None:
    table(
        f"POST /v1/bookings, {plan.clients} clients; median (least – most) of {plan.rounds} rounds",
        ("worker", "p50 / p95 / p99 ms", "bookings a second", "jobs a second"),
        [
            ("idle", _waits(found.idle), found.rate_idle, "–"),
            ("busy", _waits(found.busy), found.rate_busy, found.jobs),
        ],
    )
    say(
        f"p99 busy by idle: {found.ratio}; the worker used "
        f"{found.worker_cpu_share.median:.0%} of a core"
    )


def _waits(one: Latencies) -> str:
    return f"{one.p50:.1f} / {one.p95:.1f} / {one.p99:.1f}"
