"""Jobs asked for in transactions, done, and taken from a deep queue; PgQueuer beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import asyncpg
from msgspec import Struct
from pgqueuer import PgQueuer, Queries
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as TheirJob
from pgqueuer.types import QueueExecutionMode

from bench.deployment import deployed
from bench.figures import Latencies, Spread, latencies_of, ratios, spread_of
from bench.report import say, table, write
from muster.plugin_api import Dispatches, Job, JobType, PortLookup
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobOrder
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.runtime.bootstrap import Application, bootstrap
from muster_jobs.plugin import JobsPlugin
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin

__all__ = ["JobsPlan", "measure_jobs"]

_Free: TypeAlias = "asyncio.Queue[asyncpg.Connection[asyncpg.Record]]"
"""Connections that nobody uses at the moment."""

_CLIENTS = 8
_AT_ONCE = 32
_TAKEN = 10
_TAKES = 50
_NOTHING = "bench/nothing"

# Half of them are due, half wait for tomorrow.
_FILL = """
    INSERT INTO jobs (id, type, state, payload, asked_at, run_at, correlation_id)
    SELECT gen_random_uuid(), $2, 'WAITING', '{}', now(),
        now() + CASE WHEN number % 2 = 0 THEN interval '1 day' ELSE interval '-1 minute' END,
        'bench'
    FROM generate_series(1, $1::integer) AS number
"""


class JobsPlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        jobs: In each turn.
        depths: Numbers of waiting jobs, ascending.
        rounds: Turns, ours and theirs.
    """

    jobs: int
    depths: tuple[int, ...]
    rounds: int


class Rates(Struct, frozen=True):
    """Jobs per second.

    Attributes:
        asked: Each asked for in a transaction of its own, by 8 clients.
        done: Empty jobs, by one worker.
    """

    asked: Spread
    done: Spread


class JobsFound(Struct, frozen=True):
    """What was found.

    Attributes:
        ours: Of the plugin ``jobs``.
        theirs: Of PgQueuer.
        takes: Milliseconds of taking 10 jobs, by the number that wait.
    """

    ours: Rates
    theirs: Rates
    takes: dict[int, Latencies]


class Nothing(Struct, frozen=True):
    """Nothing to do."""


def measure_jobs(plan: JobsPlan, name: str) -> None:
    """Measure, print the tables and write them."""
    with deployed() as deployment:
        found = asyncio.run(
            _measured(plan, [deployment.new_database() for _ in range(1 + len(plan.depths))])
        )
    rows = [
        (what, *(f"{one.median:,.0f} ({one.least:,.0f} – {one.most:,.0f})" for one in (a, b)))
        for what, a, b in (
            ("asked for, each in a transaction", found.ours.asked, found.theirs.asked),
            ("done by one worker", found.ours.done, found.theirs.done),
        )
    ]
    ratio = [
        f"{ratios(a.rounds, b.rounds).median:.2f}"
        for a, b in (
            (found.ours.asked, found.theirs.asked),
            (found.ours.done, found.theirs.done),
        )
    ]
    table(
        f"Jobs a second; median (least – most) of {plan.rounds} rounds",
        ("", "muster", "PgQueuer", "ratio"),
        [(*row, one) for row, one in zip(rows, ratio, strict=True)],
    )
    table(
        f"Taking {_TAKEN} jobs",
        ("jobs that wait", "p50 ms", "p95 ms"),
        [(f"{n:,}", f"{one.p50:.2f}", f"{one.p95:.2f}") for n, one in found.takes.items()],
    )
    write(name, found)


async def _measured(plan: JobsPlan, databases: list[str]) -> JobsFound:
    first, *deep = databases
    asked: dict[str, list[float]] = {"ours": [], "theirs": []}
    done: dict[str, list[float]] = {"ours": [], "theirs": []}
    async with _app(first) as app, _theirs(first) as free:
        for turn in range(plan.rounds):
            say(f"Round {turn + 1}: {plan.jobs} jobs, ours and theirs")
            asked["ours"].append(await _rate(plan.jobs, lambda: _ask(app)))
            done["ours"].append(await _our_worker(app, plan.jobs))
            asked["theirs"].append(await _rate(plan.jobs, lambda: _ask_them(free)))
            done["theirs"].append(await _their_worker(first, plan.jobs))
    takes = {}
    for depth, database in zip(plan.depths, deep, strict=True):
        async with _app(database) as app:
            say(f"Taking from {depth:,}")
            takes[depth] = latencies_of(await _takes(app, database, depth))
    return JobsFound(
        Rates(spread_of(asked["ours"]), spread_of(done["ours"])),
        Rates(spread_of(asked["theirs"]), spread_of(done["theirs"])),
        takes,
    )


@asynccontextmanager
async def _app(database: str) -> AsyncIterator[Application]:
    environ = {
        "DATABASE_URL": database,
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
    }
    application = bootstrap(environ, [PostgresPlugin, TrainerHttpPlugin, JobsPlugin])
    async with application.running():
        yield application


@asynccontextmanager
async def _theirs(database: str) -> AsyncIterator[_Free]:
    connections = [await asyncpg.connect(database) for _ in range(_CLIENTS)]
    try:
        await Queries(AsyncpgDriver(connections[0])).install()
        free: _Free = asyncio.Queue()
        for connection in connections:
            free.put_nowait(connection)
        yield free
    finally:
        for connection in connections:
            await connection.close()


async def _rate(jobs: int, ask: Callable[[], Awaitable[None]]) -> float:
    async def client() -> None:
        for _ in range(jobs // _CLIENTS):
            await ask()

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return jobs / (time.perf_counter() - begun)


async def _ask(app: Application) -> None:
    now = datetime.now(UTC)
    order = JobOrder(uuid4(), _NOTHING, "{}", now, "bench")
    async with app.ports.get(UNIT_OF_WORK)() as unit:
        await app.ports.get(JOB_QUEUE).enqueue(unit, [order], now)
        await unit.commit()


async def _ask_them(free: _Free) -> None:
    connection = await free.get()
    async with connection.transaction():
        await Queries(AsyncpgDriver(connection)).enqueue("nothing", b"{}")
    free.put_nowait(connection)


async def _our_worker(app: Application, jobs: int) -> float:
    done, all_done = 0, asyncio.Event()

    async def count(job: Job[Nothing], ports: PortLookup, dispatcher: Dispatches) -> None:
        nonlocal done
        done += 1
        if done >= jobs // _CLIENTS * _CLIENTS:
            all_done.set()

    job_type = JobType(name="nothing", payload=Nothing, handle=count)
    place = workplace_of(app.ports, asyncio.sleep)
    worker = JobWorker(place, {_NOTHING: job_type}, JobsSettings(), concurrency=_AT_ONCE)
    begun = time.perf_counter()
    async with worker.running(grace_seconds=10):
        await all_done.wait()
    return jobs / (time.perf_counter() - begun)


async def _their_worker(database: str, jobs: int) -> float:
    connection = await asyncpg.connect(database)
    try:
        worker = PgQueuer(AsyncpgDriver(connection))

        @worker.entrypoint("nothing")
        async def nothing(job: TheirJob) -> None:
            return None

        begun = time.perf_counter()
        await worker.qm.run(batch_size=_AT_ONCE, mode=QueueExecutionMode.drain)
        return jobs / (time.perf_counter() - begun)
    finally:
        await connection.close()


async def _takes(app: Application, database: str, depth: int) -> list[float]:
    queue = app.ports.get(JOB_QUEUE)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(_FILL, depth, _NOTHING)
        await connection.execute("ANALYZE jobs")
    finally:
        await connection.close()
    waits = []
    for _ in range(min(_TAKES, depth // _TAKEN // 2)):
        now = datetime.now(UTC)
        begun = time.perf_counter()
        taken = await queue.take([_NOTHING], now, now + timedelta(seconds=30), _TAKEN, "bench")
        waits.append(time.perf_counter() - begun)
        assert len(taken) == _TAKEN
    return waits
