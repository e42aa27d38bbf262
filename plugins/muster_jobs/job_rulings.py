"""What people decide about jobs and queues, each with its entry in the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from muster.plugin_api import AuditNotes, Caller, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.entropy import ENTROPY
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import LIVE_STATES, JobState
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWork
from muster_jobs import admin_statements

__all__ = ["JobRulings", "queue_id"]


def queue_id(queue: str) -> UUID:
    """Return the id under which the audit trail keeps what was done to a queue."""
    return uuid5(NAMESPACE_URL, f"muster:job-queue:{queue}")


class JobRulings:
    """Changes jobs and queues; every method is idempotent, and tells what it has changed.

    A change and its audit entry are one unit. Of several who decide the same at once, one does.
    """

    def __init__(self, ports: PortLookup) -> None:
        """Change what is in the app's database."""
        self._queue = ports.get(JOB_QUEUE)
        self._units = ports.get(UNIT_OF_WORK)
        self._clock = ports.get(CLOCK)
        self._notes = AuditNotes(self._clock, ports.get(ENTROPY), "job")

    async def retry(self, caller: Caller, job_ids: Collection[UUID]) -> frozenset[UUID]:
        """Run dead jobs again as if never tried, and failed ones without a pause. A command.

        Where a live job of the same unique key does for a dead one, that one goes.

        Args:
            caller: Who says so.
            job_ids: Which; others than dead and failed ones are left alone.

        Returns:
            Those that were so.
        """
        ids, now = list(job_ids), self._clock.now()
        async with self._units() as unit:
            revived = await self._queue.revive(unit, ids, now)
            hastened = await unit.connection.fetch(admin_statements.HASTEN, ids, now)
            before = dict.fromkeys(revived, JobState.DEAD)
            before |= {row["id"]: JobState.WAITING for row in hastened}
            await self._note(unit, caller, "RetryJob", before, JobState.WAITING)
        return frozenset(before)

    async def cancel(self, caller: Caller, job_ids: Collection[UUID]) -> frozenset[UUID]:
        """Never run jobs that wait or run. A command.

        A worker that runs one cannot commit for it any more, and is stopped at its next sign of
        life; what it has committed stays.

        Args:
            caller: Who says so.
            job_ids: Which; those that are over are left alone.

        Returns:
            Those that were live.
        """
        return await self._end(caller, "CancelJob", job_ids, LIVE_STATES)

    async def drop(self, caller: Caller, job_ids: Collection[UUID]) -> frozenset[UUID]:
        """Never run dead jobs again. A command.

        Args:
            caller: Who says so.
            job_ids: Which; others than dead ones are left alone.

        Returns:
            Those that were dead.
        """
        return await self._end(caller, "DropJob", job_ids, [JobState.DEAD])

    async def pause(self, caller: Caller, queue: str) -> bool:
        """Let no worker take from a queue; what runs goes on. A command.

        Returns:
            Whether it was not paused.
        """
        pause = (admin_statements.PAUSE, queue, self._clock.now(), _name(caller))
        return await self._rule_queue(caller, queue, pause, paused=True)

    async def resume(self, caller: Caller, queue: str) -> bool:
        """Let workers take from a queue. A command.

        Returns:
            Whether it was paused.
        """
        resume = (admin_statements.RESUME, queue)
        return await self._rule_queue(caller, queue, resume, paused=False)

    async def _end(
        self, caller: Caller, action: str, job_ids: Collection[UUID], states: Collection[JobState]
    ) -> frozenset[UUID]:
        async with self._units() as unit:
            before = await self._queue.cancel(unit, job_ids, self._clock.now(), states)
            await self._note(unit, caller, action, before, JobState.CANCELLED)
        return frozenset(before)

    async def _note(
        self,
        unit: UnitOfWork,
        caller: Caller,
        action: str,
        before: Mapping[UUID, JobState],
        after: JobState,
    ) -> None:
        if not before:
            return
        for job_id, state in before.items():
            was, is_now = {"state": state.value}, {"state": after.value}
            await self._notes.note(unit, caller, action, job_id, before=was, after=is_now)
        await unit.commit()

    async def _rule_queue(
        self, caller: Caller, queue: str, ruling: tuple[Any, ...], *, paused: bool
    ) -> bool:
        async with self._units() as unit:
            if await unit.connection.fetchrow(*ruling) is None:
                return False
            action = "PauseJobQueue" if paused else "ResumeJobQueue"
            await self._notes.note(
                unit,
                caller,
                action,
                queue_id(queue),
                subject_kind="job_queue",
                queue=queue,
                before={"paused": not paused},
                after={"paused": paused},
            )
            await unit.commit()
        return True


def _name(caller: Caller) -> str:
    return caller.principal.name if caller.principal else "anybody"
