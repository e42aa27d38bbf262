"""Jobs as those see them who look after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.plugin_api import JOB_TYPES, JobType, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import JobCounts, JobRecord
from muster.ports.paging import Page, PageRequest, Position
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster_jobs import admin_statements
from muster_jobs.job_filter import JobFilter, JobSort
from muster_jobs.paused_queues import Pause, PausedQueues
from muster_jobs.queue import record_of

__all__ = ["LATELY", "JobBoard", "Lately", "Status"]

LATELY = timedelta(minutes=5)
"""How far back rates and latencies look."""

_MOST_LATELY = 10_000
_NEW_FAILURES = 10


class Lately(Struct, frozen=True):
    """What became of jobs of one type of late; times in milliseconds, at the 50th and 95th percent.

    Attributes:
        done: How many.
        died: How many.
        cancelled: How many.
        per_second: How many are done in a second.
        waited: From when they could be done until they were taken; empty where none is done.
        worked: From then until they were done.
    """

    done: int
    died: int
    cancelled: int
    per_second: float
    waited: Sequence[float]
    worked: Sequence[float]


class Status(Struct, frozen=True):
    """How it is at one moment.

    Attributes:
        at: UTC instant.
        counts: By type.
        paused: By queue.
    """

    at: datetime
    counts: Mapping[str, JobCounts]
    paused: Mapping[str, Pause]


class JobBoard:
    """Reads jobs of one app."""

    def __init__(self, ports: PortLookup) -> None:
        """Read from the app's database."""
        self.types: Mapping[str, JobType[Any]] = ports.get(JOB_TYPES).by_name()
        self._queue = ports.get(JOB_QUEUE)
        self._units = ports.get(UNIT_OF_WORK)
        self._clock = ports.get(CLOCK)
        self._paused = PausedQueues(self._units)

    @property
    def queues(self) -> list[str]:
        """The queues that there are, sorted."""
        return sorted({one.queue for one in self.types.values()})

    def queue_of(self, type_: str) -> str | None:
        """Return the queue of a type; ``None`` where no enabled plugin knows the type."""
        known = self.types.get(type_)
        return None if known is None else known.queue

    def now(self) -> datetime:
        """Return the present UTC instant."""
        return self._clock.now()

    async def status(self) -> Status:
        """Return what is there now. A query."""
        counts = await self._queue.counts(list(self.types))
        return Status(self._clock.now(), counts, await self._paused.now())

    async def lately(self) -> Mapping[str, Lately]:
        """Return what became of jobs in the last minutes, by type. A query."""
        now = self._clock.now()
        rows = await self._read(admin_statements.LATELY, now - LATELY, _MOST_LATELY)
        seconds = _seconds_looked_at(rows, now)
        return {
            row["type"]: Lately(
                row["done"],
                row["died"],
                row["cancelled"],
                row["done"] / seconds,
                row["waited"] or (),
                row["worked"] or (),
            )
            for row in rows
        }

    async def failures(self) -> Sequence[JobRecord]:
        """Return the jobs that failed last. A query."""
        rows = await self._read(admin_statements.FAILURES, _NEW_FAILURES)
        return [record_of(row) for row in rows]

    async def page(self, wanted: JobFilter, page: PageRequest[JobSort]) -> Page[JobRecord]:
        """Return a page of jobs. A query.

        Args:
            wanted: Which.
            page: Which part of them.
        """
        statement, arguments = admin_statements.page_statement(wanted, page)
        found = [record_of(row) for row in await self._read(statement, *arguments)]
        shown = tuple(found[: page.limit])
        last = shown[-1] if len(found) > page.limit else None
        return Page(shown, None if last is None else Position(last.asked_at, last.id))

    async def job(self, job_id: UUID) -> JobRecord | None:
        """Return a job. A query."""
        return await self._queue.get(job_id)

    async def standing_in(self, job: JobRecord) -> JobRecord | None:
        """Return the live job of the same unique key, which does for another. A query."""
        for row in await self._read(admin_statements.STANDS_IN, job.type, job.unique_key):
            return await self._queue.get(row["id"])
        return None

    async def ticks(self) -> Mapping[str, datetime]:
        """Return the last instant of each schedule for which a job was asked. A query."""
        rows = await self._read(admin_statements.TICKS)
        return {row["schedule"]: row["last_at"] for row in rows}

    async def _read(self, statement: str, *arguments: Any) -> Sequence[Any]:
        async with self._units() as unit:
            return await unit.connection.fetch(statement, *arguments)


def _seconds_looked_at(rows: Sequence[Any], now: datetime) -> float:
    """Return how far back what was counted goes, where there was more than is counted."""
    if sum(row["done"] for row in rows) < _MOST_LATELY:
        return LATELY.total_seconds()
    since: datetime = min(row["since"] for row in rows if row["since"] is not None)
    return max((now - since).total_seconds(), 1.0)
