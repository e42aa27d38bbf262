"""Query about a zone's availability: when a session could begin there, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.day_spans import hold_to_span
from muster.application.errors import InvalidRequest, NotFound
from muster.application.use_case import QueryCase, Request
from muster.domain.errors import Fault, IllegalState
from muster.domain.free_starts import ClaimedTime, DayOfStarts, free_starts
from muster.domain.purchase_rules import HORIZON
from muster.domain.receipts import Sighting
from muster.domain.scopes import Scope
from muster.domain.sessions import SESSION_LENGTH
from muster.domain.start_grid import StartGrid, start_grid
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone, ZoneStatus
from muster.ports.clock import Clock
from muster.ports.schedule import ScheduleReader
from muster.ports.trainer_directory import DirectoryAnswer, TrainerDirectory, TrainerQuestion
from muster.ports.zones import ZoneReader

__all__ = ["LONGEST_AVAILABILITY_DAYS", "FindFreeStarts", "FindsFreeStarts", "ZoneAvailability"]

LONGEST_AVAILABILITY_DAYS = 62
"""How many days one question about availability may span, both ends included."""


class ZoneAvailability(Struct, frozen=True):
    """When sessions could begin in a zone.

    Attributes:
        zone: Where; its wall clock is that of the starts.
        directory: How old what is known of the trainers is.
        days: Every day asked for, in order.
    """

    zone: Zone
    directory: Sighting
    days: tuple[DayOfStarts, ...]


class FindFreeStarts(Request[ZoneAvailability], frozen=True):
    """Find the free starts in a zone between two local dates, both included.

    Attributes:
        zone_id: Where.
        course_id: What would be taught.
        from_day: First local date.
        to_day: Last local date, included.
        step_minutes: From one start to the next; a divisor of a day's minutes.
    """

    zone_id: UUID
    course_id: UUID
    from_day: date
    to_day: date
    step_minutes: int


class FindsFreeStarts(QueryCase[FindFreeStarts]):
    """Finds free starts: asks who could teach, reads their time in one question, counts."""

    handles = FindFreeStarts
    permission = Permission.ZONES_LOOK_UP

    def __init__(
        self, clock: Clock, zones: ZoneReader, schedule: ScheduleReader, directory: TrainerDirectory
    ) -> None:
        """Work with these ports."""
        self._clock = clock
        self._zones = zones
        self._schedule = schedule
        self._directory = directory

    async def answer(self, query: FindFreeStarts, scope: Scope) -> ZoneAvailability:
        """Return the starts of each day.

        Raises:
            InvalidRequest: The days are out of order, too many or too far ahead.
            NotFound: There is no such zone.
            IllegalState: The zone is archived.
            TrainerDirectoryUnavailable: Nobody can say who the trainers are.
        """
        now = self._clock.now()
        _refuse_impossible_days(query, now)
        zone = await self._zones.get(query.zone_id)
        if zone is None:
            raise NotFound("zone", query.zone_id)
        if zone.status is ZoneStatus.ARCHIVED:
            raise IllegalState("An archived zone takes no new bookings.")
        known = await self._ask(zone, query.course_id)
        grid = start_grid(query.from_day, query.to_day, query.step_minutes, zone.time_zone, now)
        claimed = await self._claimed(grid, known.trainers)
        age = max(0.0, (self._clock.now() - known.as_of).total_seconds())
        return ZoneAvailability(
            zone=zone,
            directory=Sighting(known.source, known.as_of, age),
            days=free_starts(zone, query.course_id, known.trainers, claimed, grid),
        )

    async def _ask(self, zone: Zone, course_id: UUID) -> DirectoryAnswer:
        """Ask as a booking would; where that names nobody, ask who is in the zone at all."""
        question = TrainerQuestion(zone.franchise_id, zone.id, course_id)
        answer = await self._directory.candidates(question)
        if answer.trainers:
            return answer
        return await self._directory.candidates(
            TrainerQuestion(zone.franchise_id, zone.id, course_id=None)
        )

    async def _claimed(
        self, grid: StartGrid, trainers: tuple[Trainer, ...]
    ) -> Sequence[ClaimedTime]:
        if not grid.starts:
            return ()
        first, last = grid.starts[0], grid.starts[-1]
        return await self._schedule.live_slots(
            [trainer.id for trainer in trainers],
            first.local_date,
            last.local_date,
            first.starts_at,
            last.starts_at + SESSION_LENGTH,
        )


def _refuse_impossible_days(query: FindFreeStarts, now: datetime) -> None:
    hold_to_span(query.from_day, query.to_day, LONGEST_AVAILABILITY_DAYS)
    if query.from_day - now.date() > HORIZON:
        raise InvalidRequest(Fault("from", "TOO_FAR", f"At most {HORIZON.days} days ahead."))
