"""How much there is to do, for whoever looks on."""

from __future__ import annotations

from collections.abc import Mapping

from muster.plugin_api import JOB_TYPES, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobCounts
from muster.ports.observation import OBSERVER, Gauge

__all__ = ["offer_gauges"]


def offer_gauges(ports: PortLookup) -> None:
    """Offer gauges of the jobs of each type to the observer of an app."""
    queue, clock = ports.get(JOB_QUEUE), ports.get(CLOCK)
    names = list(ports.get(JOB_TYPES).by_name())

    async def counts() -> Mapping[str, JobCounts]:
        return await queue.counts(names)

    async def waiting() -> dict[str, float]:
        return {name: one.waiting for name, one in (await counts()).items()}

    async def dead() -> dict[str, float]:
        return {name: one.dead for name, one in (await counts()).items()}

    async def lag() -> dict[str, float]:
        now = clock.now()
        return {
            name: 0.0 if one.due_since is None else max(0.0, (now - one.due_since).total_seconds())
            for name, one in (await counts()).items()
        }

    for name, meaning, read in (
        ("jobs_waiting", "Jobs that wait to be done, now or later.", waiting),
        ("jobs_dead", "Jobs that failed for good.", dead),
        ("job_lag_seconds", "For how long the oldest job that could be done has waited.", lag),
    ):
        ports.get(OBSERVER).offer(Gauge(name, meaning, "type", read))
