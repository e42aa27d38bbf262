"""An app with jobs, and workers as processes beside it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from muster.plugin_api import JOB_TYPES, Identifiers, order_of
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.job_queue import JOB_QUEUE, JobQueue
from muster.ports.jobs import LIVE_STATES, JobOrder
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.runtime.bootstrap import Application, bootstrap
from tests.jobs import worker_process
from tests.jobs.chores import TABLE, Chore
from tests.jobs.worker_process import PLUGINS

PATIENCE_SECONDS = 60

_NURSERY = multiprocessing.get_context("forkserver")
"""Workers are forked from a process that has imported everything once."""

_NURSERY.set_forkserver_preload(["tests.jobs.worker_process"])


def settings(database_url: str, **jobs: str) -> dict[str, str]:
    return {
        "MUSTER_PLUGINS__ENABLED": "postgres,trainer_http,jobs",
        "DATABASE_URL": database_url,
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        "MUSTER_JOBS__POLL_SECONDS": "0.05",
        "MUSTER_JOBS__LEASE_SECONDS": "1",
        **{f"MUSTER_JOBS__{name.upper()}": value for name, value in jobs.items()},
    }


class Stage:
    """What a test asks of an app."""

    def __init__(self, application: Application) -> None:
        self.app = application
        self.ports = application.ports

    @property
    def queue(self) -> JobQueue:
        return self.ports.get(JOB_QUEUE)

    def order(self, type_: str, payload: msgspec.Struct) -> JobOrder:
        name = f"chores/{type_}"
        job_type = self.ports.get(JOB_TYPES).by_name()[name]
        id_ = Identifiers(self.ports.get(CLOCK), self.ports.get(ENTROPY)).new()
        at = datetime.now(UTC)
        return order_of(name, job_type, payload, id_=id_, at=at, correlation_id="example")

    async def ask(self, type_: str, *chores: Chore) -> list[JobOrder]:
        orders = [self.order(type_, chore) for chore in chores]
        async with self.ports.get(UNIT_OF_WORK)() as unit:
            await self.queue.enqueue(unit, orders, datetime.now(UTC))
            await unit.commit()
        return orders

    async def cancel(self, job_id: UUID) -> None:
        async with self.ports.get(UNIT_OF_WORK)() as unit:
            await self.queue.cancel(unit, [job_id], datetime.now(UTC), LIVE_STATES)
            await unit.commit()

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        async with self.ports.get(UNIT_OF_WORK)() as unit:
            return [tuple(row) for row in await unit.connection.fetch(statement)]

    async def states(self) -> Counter[object]:
        found = await self.rows("SELECT state, count(*) FROM jobs GROUP BY state")
        return Counter({state: int(str(number)) for state, number in found})

    async def noted(self) -> Counter[object]:
        """How often each number was noted."""
        return Counter(number for (number,) in await self.rows("SELECT number FROM chores"))

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await true():
            assert time.monotonic() < deadline, f"it did not come: {await self.states()}"
            await asyncio.sleep(0.05)

    async def until_states(self, **expected: int) -> None:
        async def reached() -> bool:
            return await self.states() == Counter(expected)

        await self.until(reached)


@asynccontextmanager
async def staged(database_url: str, **jobs: str) -> AsyncIterator[Stage]:
    """An app that does no jobs by itself."""
    application = bootstrap(settings(database_url, **jobs), PLUGINS)
    async with application.running():
        stage = Stage(application)
        async with application.ports.get(UNIT_OF_WORK)() as unit:
            await unit.connection.execute(TABLE)
            await unit.commit()
        yield stage


class WorkerProcess:
    """A worker that is running."""

    def __init__(self, environ: dict[str, str], queue: str) -> None:
        self._begun, told = _NURSERY.Pipe(duplex=False)
        self._process = _NURSERY.Process(target=worker_process.run, args=(environ, queue, told))
        self._process.start()

    def await_begun(self) -> None:
        assert self._begun.poll(PATIENCE_SECONDS), "the worker did not begin in time"

    def signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def ended(self, seconds: float = PATIENCE_SECONDS) -> int | None:
        """The exit code, once it ended."""
        self._process.join(seconds)
        return self._process.exitcode


@contextmanager
def working(
    database_url: str, count: int = 1, *, queue: str = "default", **jobs: str
) -> Iterator[list[WorkerProcess]]:
    """Workers that have begun; what is left of them in the end is killed."""
    workers = [WorkerProcess(settings(database_url, **jobs), queue) for _ in range(count)]
    try:
        for worker in workers:
            worker.await_begun()
        yield workers
    finally:
        for worker in workers:
            worker.kill()
