"""How much there is to do, for whoever looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from muster.plugin_api import JOB_TYPES, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobCounts
from muster.ports.observation import OBSERVER, Gauge

__all__ = ["offer_gauges"]


class _SharedCounts:
    """Counts that are read once for all who ask while they are being read."""

    def __init__(self, read: Callable[[], Awaitable[Mapping[str, JobCounts]]]) -> None:
        self._read = read
        self._reading: asyncio.Task[Mapping[str, JobCounts]] | None = None

    async def now(self) -> Mapping[str, JobCounts]:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_once(), name="counts of jobs")
        # Whoever gives up does so alone.
        return await asyncio.shield(self._reading)

    async def _read_once(self) -> Mapping[str, JobCounts]:
        try:
            return await self._read()
        finally:
            self._reading = None


def offer_gauges(ports: PortLookup) -> None:
    """Offer gauges of the jobs of each type to the observer of an app."""
    queue, clock = ports.get(JOB_QUEUE), ports.get(CLOCK)
    names = list(ports.get(JOB_TYPES).by_name())

    counts = _SharedCounts(lambda: queue.counts(names))

    async def waiting() -> dict[str, float]:
        return {name: one.waiting for name, one in (await counts.now()).items()}

    async def dead() -> dict[str, float]:
        return {name: one.dead for name, one in (await counts.now()).items()}

    async def lag() -> dict[str, float]:
        now = clock.now()
        return {
            name: 0.0 if one.due_since is None else max(0.0, (now - one.due_since).total_seconds())
            for name, one in (await counts.now()).items()
        }

    for name, meaning, read in (
        ("jobs_waiting", "Jobs that wait to be done, now or later.", waiting),
        ("jobs_dead", "Jobs that failed for good.", dead),
        ("job_lag_seconds", "For how long the oldest job that could be done has waited.", lag),
    ):
        ports.get(OBSERVER).offer(Gauge(name, meaning, "type", read))
