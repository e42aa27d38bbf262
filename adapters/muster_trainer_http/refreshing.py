"""The job that keeps answers young, so that an outage finds them so."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from msgspec import Struct

from muster.plugin_api import Dispatches, Job, JobPriority, JobType, PortLookup
from muster.ports.clock import CLOCK
from muster.ports.snapshot_store import SNAPSHOT_STORE, AgingSnapshot
from muster.ports.trainer_directory import TrainerDirectoryUnavailable
from muster.ports.unit_of_work import DatabaseUnavailable
from muster_trainer_http.breaker import Breaker, BreakerState
from muster_trainer_http.settings import TrainerHttpSettings
from muster_trainer_http.snapshots import SnapshotDirectory

__all__ = ["RefreshedSnapshots", "SnapshotRefresh", "refreshing_type"]

_SPARE_SECONDS = 30.0


class EverySnapshot(Struct, frozen=True):
    """Whatever answers there are."""


class RefreshedSnapshots(Struct, frozen=True, rename="camel"):
    """What a run has done.

    Attributes:
        refreshed: Answers that are young again.
        failed: Questions that were not answered, or whose answer could not be kept.
        left: Questions that were not asked, since the service is left alone.
    """

    refreshed: int
    failed: int
    left: int


class SnapshotRefresh:
    """One run: asks some questions anew, until it is through or the service is left alone."""

    def __init__(self, directory: SnapshotDirectory, breaker: Breaker) -> None:
        """Ask through a directory.

        Args:
            directory: Asks, and keeps the answers.
            breaker: Before the service; bookings stand before it, too.
        """
        self._directory = directory
        self._breaker = breaker
        self._refreshed = 0
        self._failed = 0

    async def run(self, aging: tuple[AgingSnapshot, ...], at_once: int) -> RefreshedSnapshots:
        """Ask in this order, so many at the same time.

        The first one is asked alone: it is what a half-open breaker lets through. Then no more
        are asked than could all fail without opening the breaker, and what failed is forgiven:
        it opens for what bookings find out.
        """
        if self._breaker.state is BreakerState.OPEN:
            return RefreshedSnapshots(0, 0, len(aging))
        waiting = iter(aging)
        for first in waiting:
            await self._refresh(first)
            break
        asked: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                free = min(at_once, self._breaker.spare_failures) - len(asked)
                asked |= {
                    group.create_task(self._refresh(one)) for one in islice(waiting, max(free, 0))
                }
                if not asked:
                    break
                _, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        self._breaker.forgive()
        left = len(aging) - self._refreshed - self._failed
        return RefreshedSnapshots(self._refreshed, self._failed, left)

    async def _refresh(self, one: AgingSnapshot) -> None:
        # Whose trainers are nonsense is asked in vain each time; the others go on.
        try:
            await self._directory.refresh(one)
        except (TrainerDirectoryUnavailable, DatabaseUnavailable):
            self._failed += 1
        else:
            self._refreshed += 1


def refreshing_type(
    settings: TrainerHttpSettings,
    directory: Callable[[PortLookup], SnapshotDirectory],
    breaker: Callable[[PortLookup], Breaker],
) -> JobType[EverySnapshot]:
    """Return the kind of job.

    Args:
        settings: Which answers are refreshed, how many, and how many at once.
        directory: Returns the snapshots of the app.
        breaker: Returns the one before the service.
    """
    window = timedelta(seconds=settings.refresh_asked_within_seconds)
    young = timedelta(
        seconds=min(settings.refresh_after_seconds, settings.snapshot_max_age_seconds / 2)
    )
    most = settings.refresh_questions
    at_once = min(settings.refresh_at_once, max(1, settings.breaker_failures - 1))

    async def refresh_snapshots(
        job: Job[EverySnapshot], ports: PortLookup, dispatcher: Dispatches
    ) -> RefreshedSnapshots:
        snapshots = directory(ports)
        now = ports.get(CLOCK).now()
        aging = await ports.get(SNAPSHOT_STORE).aging(now - window, now - young, most)
        return await SnapshotRefresh(snapshots, breaker(ports)).run(aging, at_once)

    return JobType(
        name="refresh-snapshots",
        payload=EverySnapshot,
        handle=refresh_snapshots,
        unique_key=lambda _: "all",
        schedule="* * * * *",
        timeout_seconds=settings.question_seconds * (1 + math.ceil(most / at_once))
        + _SPARE_SECONDS,
        priority=JobPriority.LOW,
    )
