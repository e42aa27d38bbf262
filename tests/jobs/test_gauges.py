"""The gauges of jobs, as whoever looks on reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from muster.plugin_api import JOB_TYPES, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobCounts
from muster.ports.observation import OBSERVER, Gauge
from muster.ports.unobserved import Unobserved
from muster.testing.clock import FakeClock
from muster.testing.suites.jobs_under_test import NOW
from muster_jobs.gauges import offer_gauges
from muster_memory import MemoryStore
from muster_memory.job_queue import MemoryJobQueue

pytestmark = pytest.mark.anyio


class CountedQueue(MemoryJobQueue):
    """Has jobs of one type, and says how often it was asked."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.asked = 0
        self.away = False

    async def counts(self, types: Sequence[str]) -> Mapping[str, JobCounts]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionError
        return {"a/one": JobCounts(3, 2, 1, NOW - timedelta(seconds=7))}


class OneApp(Unobserved, PortLookup):
    """The ports of an app, and the observer of it."""

    def __init__(self, queue: CountedQueue, now: datetime) -> None:
        self.gauges: list[Gauge] = []
        self._ports: dict[Any, Any] = {
            JOB_QUEUE: queue,
            CLOCK: FakeClock(now),
            JOB_TYPES: self,
            OBSERVER: self,
        }

    def get(self, key: Any) -> Any:
        return self._ports[key]

    def by_name(self) -> Mapping[str, Any]:
        return {"a/one": None}

    def offer(self, gauge: Gauge) -> None:
        self.gauges.append(gauge)

    async def read(self) -> Any:
        return await asyncio.gather(*(one.read() for one in self.gauges), return_exceptions=True)


async def test_gauges_that_are_read_together_count_once() -> None:
    """Each time anew; and a count that fails has nothing to say for the next."""
    queue = CountedQueue()
    app = OneApp(queue, NOW)
    offer_gauges(app)
    expected = [{"a/one": 3}, {"a/one": 1}, {"a/one": 7.0}]
    assert await app.read() == expected
    assert queue.asked == 1
    queue.away = True
    assert [type(one) for one in await app.read()] == [ConnectionError] * 3
    queue.away = False
    assert await app.read() == expected
    assert queue.asked == 3
