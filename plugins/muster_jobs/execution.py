"""Doing one job, and saying what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from muster.plugin_api import Caller, Job, JobRetries, JobType, Principal, kept_error
from muster.ports.jobs import AskedAgain, JobLease, LeaseLost, TakenJob
from muster.ports.observation import JobActivity
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict
from muster_jobs.workplace import LeaseFence, Workplace

__all__ = ["Execution", "pause_before"]

_MOST_DOUBLINGS = 16
_CHANCE_BITS = 16
_SETTLE_PAUSE_SECONDS = 0.5
_KILLED = "No attempt ended: its worker ended first."

_log = structlog.get_logger(__name__)


class Execution:
    """Does jobs that a worker has taken."""

    def __init__(
        self, place: Workplace, types: Mapping[str, JobType[Any]], lease_seconds: float
    ) -> None:
        """Do jobs of these types.

        Args:
            place: What to work with.
            types: By ``plugin/name``.
            lease_seconds: For how long it is tried to say what became of a job while the
                database is away; then it is somebody else's anyway.
        """
        self._place = place
        self._types = types
        self._patience_seconds = lease_seconds

    async def do(self, taken: TakenJob) -> None:
        """Do a job and settle it.

        Raises:
            CancelledError: The worker ends, or has lost its lease; the job was handed back.
        """
        structlog.contextvars.bind_contextvars(correlation_id=taken.correlation_id)
        try:
            await self._done(taken)
        except asyncio.CancelledError:
            await asyncio.shield(self._handed_back(taken))
            raise
        except Exception as error:  # noqa: BLE001 - its worker goes on
            # It is run again once its lease is over.
            _log.error("job_not_settled", error=type(error).__name__, **_named(taken))

    async def _done(self, taken: TakenJob) -> None:
        job_type, lease, queue = self._types[taken.type], taken.lease, self._place.queue
        if taken.attempt > job_type.retries.most + 1:
            await self._failed(taken, _KILLED)
            return
        try:
            result = await self._result(taken, job_type)
            # A result that the database refuses is a failure like any other.
            await self._settled(taken, lambda: self._concluded(lease, result))
        except LeaseLost:
            _log.warning("job_lost", **_named(taken))
        except AskedAgain:
            await self._settled(taken, lambda: queue.hand_back(lease))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            await self._failed(taken, "CancelledError: it gave up by itself")
        except Exception as error:  # noqa: BLE001 - whatever it raises, it was not done
            await self._failed(taken, f"{type(error).__name__}: {error}")

    async def _result(self, taken: TakenJob, job_type: JobType[Any]) -> str | None:
        fence = LeaseFence(self._place.queue, taken.lease, first_only=job_type.begins_anew)
        principal = Principal(f"job:{taken.type}", job_type.permissions)
        job = Job(
            payload=msgspec.json.decode(taken.payload, type=job_type.payload),
            attempt=taken.attempt,
            lease=taken.lease,
            caller=Caller(principal, taken.correlation_id, fence=fence),
        )
        answer = await self._observed(taken, job_type, job)
        return None if answer is None else msgspec.json.encode(answer).decode()

    async def _observed(self, taken: TakenJob, job_type: JobType[Any], job: Job[Any]) -> Any:
        with self._place.observer.observing(_activity(taken)):
            try:
                async with asyncio.timeout(job_type.timeout_seconds):
                    return await job_type.handle(job, self._place.ports, self._place.dispatcher)
            except AskedAgain as asked:
                begin_anew = asked
        # Out here, for whoever looks on: to begin anew is no failure.
        raise begin_anew

    async def _concluded(self, lease: JobLease, result: str | None) -> None:
        await self._place.queue.conclude(lease, self._place.clock.now(), result)

    async def _failed(self, taken: TakenJob, why: str) -> None:
        retries, queue = self._types[taken.type].retries, self._place.queue
        error, now = kept_error(why), self._place.clock.now()
        if taken.attempt > retries.most:
            _log.error("job_dead", error=error.partition(":")[0], **_named(taken))
            await self._settled(taken, lambda: queue.bury(taken.lease, now, error))
            return
        _log.warning("job_failed", error=error.partition(":")[0], **_named(taken))
        chance = self._place.entropy.bits(_CHANCE_BITS) / (1 << _CHANCE_BITS)
        until = now + timedelta(seconds=pause_before(retries, taken.attempt, chance))
        await self._settled(taken, lambda: queue.postpone(taken.lease, until, error))

    async def _settled(self, taken: TakenJob, settle: Callable[[], Awaitable[None]]) -> None:
        """Say what became of a job, again and again while the database is away."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                while not await _told(settle):
                    await self._place.pause(_SETTLE_PAUSE_SECONDS)
        except LeaseLost:
            # Its handler has finished it by itself, or another worker has it.
            _log.debug("job_settled_elsewhere", **_named(taken))
        except TimeoutError:
            _log.warning("job_not_settled", **_named(taken))

    async def _handed_back(self, taken: TakenJob) -> None:
        try:
            await self._place.queue.hand_back(taken.lease)
        except (DatabaseUnavailable, TransactionConflict):
            # It is run again once its lease is over.
            _log.warning("job_not_settled", **_named(taken))


def pause_before(retries: JobRetries, attempt: int, chance: float) -> float:
    """Return how many seconds to wait after a failed attempt.

    Args:
        retries: Of the job's type.
        attempt: That failed, from 1.
        chance: From 0 to 1; half of the pause is up to it.
    """
    whole = retries.first_seconds * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS)
    return min(whole, retries.longest_seconds) * (1 + chance) / 2


async def _told(settle: Callable[[], Awaitable[None]]) -> bool:
    try:
        await settle()
    except (DatabaseUnavailable, TransactionConflict):
        return False
    return True


def _activity(taken: TakenJob) -> JobActivity:
    return JobActivity(
        taken.type,
        taken.lease.job_id,
        taken.attempt,
        taken.correlation_id,
        taken.trace_context,
    )


def _named(taken: TakenJob) -> dict[str, Any]:
    return {
        "job_id": str(taken.lease.job_id),
        "job_type": taken.type,
        "attempt": taken.attempt,
    }
