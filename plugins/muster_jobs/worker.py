"""A worker: it takes jobs, does several at once, shows that it lives, and ends in order."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from muster.plugin_api import JobType
from muster.ports.jobs import JobLease, TakenJob
from muster_jobs.execution import Execution
from muster_jobs.schedules import Schedules
from muster_jobs.settings import JobsSettings
from muster_jobs.workplace import Workplace

__all__ = ["JobWorker"]

_BEATS_IN_A_LEASE = 6
_GATHERING_SECONDS = 0.02

_log = structlog.get_logger(__name__)


class JobWorker:
    """Works on the jobs of one app."""

    def __init__(
        self,
        place: Workplace,
        types: Mapping[str, JobType[Any]],
        settings: JobsSettings,
        *,
        concurrency: int | None = None,
        queues: Collection[str] = (),
    ) -> None:
        """Work on these.

        Args:
            place: What to work with.
            types: By ``plugin/name``; their schedules are checked.
            settings: How often to look, and how long a lease is.
            concurrency: How many jobs at once; as the settings say by default.
            queues: Only those of these; none is all.
        """
        chosen = {name: one for name, one in types.items() if not queues or one.queue in queues}
        self._place = place
        self._types = chosen
        self._settings = settings
        self._most = concurrency or settings.concurrency
        self._execution = Execution(place, chosen, settings.lease_seconds)
        self._schedules = Schedules(place, chosen)
        self._title = f"{socket.gethostname()}:{os.getpid()}"
        self._tasks: dict[JobLease, asyncio.Task[None]] = {}
        self._ending = asyncio.Event()
        self._woken = asyncio.Event()
        self._awaited: set[JobLease] = set()
        self._turn = 0
        self._away = False

    @asynccontextmanager
    async def running(self, grace_seconds: float) -> AsyncIterator[None]:
        """Work while the context is open; then finish or hand back what was begun.

        Args:
            grace_seconds: How long running jobs may take then.
        """
        working = asyncio.create_task(self._work(), name="jobs")
        scheduling = asyncio.create_task(self._keep_schedules(), name="schedules of jobs")
        beating = asyncio.create_task(self._beat(), name="signs of life of jobs")
        try:
            yield
        finally:
            self._ending.set()
            self._woken.set()
            await self._finish(working, grace_seconds)
            await _called_off(working, scheduling, *self._tasks.values())
            await _called_off(beating)

    async def _finish(self, working: asyncio.Task[None], grace_seconds: float) -> None:
        """Wait for what is under way, but no longer than the grace time."""
        try:
            async with asyncio.timeout(grace_seconds):
                await asyncio.wait([working])
                while self._tasks:
                    await asyncio.wait(self._tasks.values())
        except TimeoutError:
            _log.info("job_grace_time_over", jobs=len(self._tasks))

    async def _keep_schedules(self) -> None:
        while not self._ending.is_set():
            await self._schedules.ask()
            await self._rest()

    async def _work(self) -> None:
        while not self._ending.is_set():
            free = await self._free()
            if not free:
                continue
            taken = await self._taken(free)
            more_wait = len(taken) == free
            self._awaited = {job.lease for job in taken if more_wait}
            for job in taken:
                self._begin(job)
            if not more_wait:
                await self._rest()

    async def _free(self) -> int:
        """Return how many jobs may be taken, once so many may that it is worth asking.

        To take one job costs the database as much as to take ten. While more wait than there are
        places, half of these must be free, or those that were taken last have ended, or a moment
        has passed: jobs that go on for long keep nobody waiting.
        """
        while len(self._tasks) == self._most and not self._ending.is_set():
            await self._next_end()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHERING_SECONDS):
                while self._are_more_to_end() and not self._ending.is_set():
                    await self._next_end()
        return 0 if self._ending.is_set() else self._most - len(self._tasks)

    def _are_more_to_end(self) -> bool:
        return 2 * len(self._tasks) > self._most and not self._awaited.isdisjoint(self._tasks)

    async def _next_end(self) -> None:
        self._woken.clear()
        await self._woken.wait()

    async def _taken(self, limit: int) -> tuple[TakenJob, ...]:
        try:
            now = self._place.clock.now()
            taken = await self._place.queue.take(
                self._in_turn(), now, self._lease_from(now), limit, self._title
            )
        except Exception as error:  # noqa: BLE001 - a worker that ends would do nothing ever
            if not self._away:
                _log.warning("job_queue_failed", exc_info=error)
            self._away = True
            return ()
        self._away = False
        return taken

    def _begin(self, job: TakenJob) -> None:
        task = asyncio.create_task(self._execution.do(job), name=f"job {job.lease.job_id}")
        self._tasks[job.lease] = task

        def ended(_: asyncio.Task[None]) -> None:
            self._tasks.pop(job.lease, None)
            self._woken.set()

        task.add_done_callback(ended)

    async def _beat(self) -> None:
        while True:
            await self._place.pause(self._settings.lease_seconds / _BEATS_IN_A_LEASE)
            if not self._tasks:
                continue
            try:
                until = self._lease_from(self._place.clock.now())
                lost = await self._place.queue.extend(list(self._tasks), until)
            except Exception as error:  # noqa: BLE001 - the next beat may do
                _log.warning("job_leases_not_extended", error=type(error).__name__)
                continue
            for lease in lost:
                if (task := self._tasks.get(lease)) is not None:
                    task.cancel()

    def _in_turn(self) -> list[str]:
        """Return the types by priority; among equals each comes first in its turn."""
        self._turn += 1
        places = {name: place for place, name in enumerate(self._types)}
        return sorted(
            places,
            key=lambda name: (
                self._types[name].priority,
                (places[name] + self._turn) % len(places),
            ),
        )

    def _lease_from(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._settings.lease_seconds)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._ending.wait()
        except TimeoutError:
            return


async def _called_off(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
