"""A queue as the suites see it, with the units of work that it goes with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from muster.ports.job_queue import JobQueue
from muster.ports.jobs import (
    LIVE_STATES,
    JobLease,
    JobOrder,
    JobRecord,
    JobState,
    LeaseLost,
    TakenJob,
)
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster.testing.examples import AN_INSTANT, new_id
from muster.testing.suites.port_suite import PortSuite

__all__ = ["LEASE", "NOW", "OTHER", "TYPE", "JobSuite", "JobsUnderTest", "a_trace", "an_order"]

NOW = AN_INSTANT
LEASE = timedelta(seconds=30)
TYPE, OTHER = "example/one", "example/other"


class JobsUnderTest(Struct, frozen=True):
    """A queue and the units of work that it goes with."""

    queue: JobQueue
    unit_of_work: UnitOfWorkFactory

    async def ask(self, *orders: JobOrder) -> tuple[UUID, ...]:
        """Ask for jobs in one unit, and return the ids of the orders."""
        async with self.unit_of_work() as unit:
            await self.queue.enqueue(unit, orders, NOW)
            await unit.commit()
        return tuple(order.id for order in orders)

    async def take(
        self, *types: str, limit: int = 100, after: timedelta = timedelta(0)
    ) -> tuple[TakenJob, ...]:
        """Take jobs, some time after ``NOW``; those of both types unless some are named."""
        now = NOW + after
        return await self.queue.take(types or (TYPE, OTHER), now, now + LEASE, limit, "example")

    async def finish(self, lease: JobLease, result: str | None = None) -> None:
        """Say in a unit of its own that a job is done."""
        async with self.unit_of_work() as unit:
            await self.queue.finish(unit, lease, NOW, result)
            await unit.commit()

    async def end(self, how: str, lease: JobLease, result: str | None = None) -> None:
        """Say that a job is done, by ``finish`` or by ``conclude``."""
        if how == "conclude":
            await self.queue.conclude(lease, NOW, result)
        else:
            await self.finish(lease, result)

    async def revive(self, *job_ids: UUID) -> frozenset[UUID]:
        """Let dead jobs be run again, in a unit of its own."""
        async with self.unit_of_work() as unit:
            revived = await self.queue.revive(unit, job_ids, NOW)
            await unit.commit()
        return revived

    async def cancel(
        self, *job_ids: UUID, states: Collection[JobState] = (*LIVE_STATES, JobState.DEAD)
    ) -> Mapping[UUID, JobState]:
        """Cancel jobs in a unit of its own; live and dead ones unless others are named."""
        async with self.unit_of_work() as unit:
            cancelled = await self.queue.cancel(unit, job_ids, NOW, states)
            await unit.commit()
        return cancelled

    async def held(self, lease: JobLease) -> bool:
        """Return whether a unit could commit under a lease."""
        async with self.unit_of_work() as unit:
            try:
                await self.queue.hold(unit, lease)
            except LeaseLost:
                return False
        return True

    async def record(self, job_id: UUID) -> JobRecord:
        """Return a job that is there."""
        found = await self.queue.get(job_id)
        assert found is not None
        return found

    async def state(self, job_id: UUID) -> JobState:
        """Return what has become of a job."""
        return (await self.record(job_id)).state


def an_order(**changes: Any) -> JobOrder:
    """Return an order of a job that is due."""
    order = {
        "id": new_id(),
        "type": TYPE,
        "payload": '{"number": 1}',
        "run_at": NOW,
        "correlation_id": "example-correlation",
    }
    return JobOrder(**{**order, **changes})


def a_trace(byte: str) -> str:
    """Return a trace context of its own for each two digits of hexadecimal."""
    return f"00-{byte * 16}-{'f0' * 8}-01"


class JobSuite(PortSuite):
    """What the suites of jobs share."""

    @pytest.fixture
    def jobs(self) -> JobsUnderTest:
        """Override: the queue, empty, and the units of its store."""
        raise NotImplementedError
