"""Jobs that the time of day asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from cronsim import CronSim, CronSimError

from muster.plugin_api import CompositionError, JobType, order_of
from muster_jobs.workplace import Workplace

__all__ = ["Schedules", "check_schedules", "last_instant", "next_instant"]

_MOMENT = timedelta(seconds=1)

_log = structlog.get_logger(__name__)


def last_instant(schedule: str, now: datetime) -> datetime:
    """Return the last instant of a schedule that is not after now.

    Args:
        schedule: Five fields of cron, in UTC.
        now: UTC instant.

    Raises:
        CronSimError: It is no schedule.
    """
    # It looks strictly before the instant that it is given.
    return next(CronSim(schedule, now + _MOMENT, reverse=True))


def next_instant(schedule: str, now: datetime) -> datetime:
    """Return the first instant of a schedule after now.

    Args:
        schedule: Five fields of cron, in UTC.
        now: UTC instant.

    Raises:
        CronSimError: It is no schedule.
    """
    return next(CronSim(schedule, now))


def check_schedules(types: Mapping[str, JobType[Any]], now: datetime) -> None:
    """See that the schedules of these types are some.

    Raises:
        CompositionError: One is no schedule, or never comes.
    """
    for name, one in types.items():
        if one.schedule is None:
            continue
        try:
            last_instant(one.schedule, now)
            next_instant(one.schedule, now)
        except (CronSimError, StopIteration) as error:
            raise CompositionError(
                f"The job type {name!r} has the schedule {one.schedule!r}, which is none; give it "
                "five fields of cron."
            ) from error


class Schedules:
    """Asks for the jobs of schedules, once for each instant however many workers look.

    Of several instants that were missed only the last one counts.
    """

    def __init__(self, place: Workplace, types: Mapping[str, JobType[Any]]) -> None:
        """Look at the schedules of these types, which are checked."""
        self._place = place
        self._types = {
            name: (one, one.schedule) for name, one in types.items() if one.schedule is not None
        }
        self._seen: dict[str, datetime] = {}
        self._failing: set[str] = set()

    async def ask(self) -> None:
        """Ask for what is due and was not asked for yet; what cannot be is tried next time."""
        now = self._place.clock.now()
        for name, (job_type, schedule) in self._types.items():
            try:
                at = last_instant(schedule, now)
                if self._seen.get(name) != at:
                    await self._ask_once(name, job_type, at)
                    self._seen[name] = at
                    self._failing.discard(name)
            except Exception as error:  # noqa: BLE001 - the other schedules have theirs
                if name not in self._failing:
                    _log.warning("job_schedule_failed", job_type=name, exc_info=error)
                self._failing.add(name)

    async def _ask_once(self, name: str, job_type: JobType[Any], at: datetime) -> None:
        place = self._place
        id_ = place.identifiers.new()
        order = order_of(
            name, job_type, job_type.payload(), id_=id_, at=at, correlation_id=str(id_)
        )
        async with place.units() as unit:
            if await place.queue.tick(unit, name, at):
                await place.queue.enqueue(unit, [order], place.clock.now())
                await unit.commit()
