"""Calendars to try things on: trainers' live slots as they would be, in no store at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from muster.domain.sessions import PlannedSession
from muster.domain.slots import Availability, Slot, availability_of, booked_days_of, slots_collide
from muster.ports.schedule import TrainersTime

__all__ = ["RehearsedCalendars"]


class RehearsedCalendars(TrainersTime):
    """Answers and claims as a unit of work does, on a copy of what is live."""

    def __init__(self, live: Iterable[Slot]) -> None:
        """Copy live slots."""
        self._live: dict[UUID, list[Slot]] = {}
        self.put(live)

    def put(self, slots: Iterable[Slot]) -> None:
        """Put slots of any trainers where there is room."""
        for slot in slots:
            self._live.setdefault(slot.trainer_id, []).append(slot)

    async def availability(
        self,
        trainer_ids: Sequence[UUID],
        sessions: Sequence[PlannedSession],
        from_day: date,
        days: int,
    ) -> Mapping[UUID, Availability]:
        """Return what live slots say about a plan."""
        return {
            trainer_id: availability_of(self._live[trainer_id], sessions, from_day, days)
            for trainer_id in trainer_ids
            if trainer_id in self._live
        }

    async def booked_days(
        self, trainer_ids: Sequence[UUID], days: Sequence[date]
    ) -> Mapping[UUID, Mapping[date, int]]:
        """Count the sessions on local days."""
        return {one: booked_days_of(self._live.get(one, ()), days) for one in trainer_ids}

    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim all of one trainer's slots, or none."""
        trainer_id = slots[0].trainer_id
        held = [*self._live.get(trainer_id, ())]
        for slot in slots:
            if any(slots_collide(one, slot) for one in held):
                return False
            held.append(slot)
        self._live[trainer_id] = held
        return True
