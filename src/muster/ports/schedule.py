"""The ports for trainers' time: claiming within a unit of work, and reading a schedule."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from muster.domain.sessions import PlannedSession
from muster.domain.slots import Availability, Slot
from muster.ports.keys import PortKey

__all__ = ["SCHEDULE_READER", "ScheduleReader", "ScheduleRepository"]


class ScheduleRepository(Protocol):
    """Slots within one unit of work.

    Two guards over live slots are the truth and no path goes around them: one trainer,
    date and timeslot once; no overlap of one trainer's slots in absolute time.
    """

    @abstractmethod
    async def availability(
        self,
        trainer_ids: Sequence[UUID],
        sessions: Sequence[PlannedSession],
        from_day: date,
        days: int,
    ) -> Mapping[UUID, Availability]:
        """Return what live slots say about a plan, for all trainers in one question.

        Args:
            trainer_ids: Whose slots.
            sessions: The plan.
            from_day: First local date of the window in which booked minutes count.
            days: Length of that window.

        Returns:
            By trainer; one without an entry has neither a conflict nor a booked minute.
        """

    @abstractmethod
    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim all of one trainer's slots, or none. A command.

        Waits for another unit that is claiming this trainer's time. Never overwrites.

        Returns:
            False when any of the time is taken; nothing is claimed then.
        """

    @abstractmethod
    async def release(self, booking_id: UUID) -> int:
        """Free the slots of a booking's sessions that hold none any more. A command, idempotent.

        A session holds its slot as ``domain.sessions.has_live_slot`` says, by the state
        stored in this unit.

        Returns:
            How many slots were freed.
        """


class ScheduleReader(Protocol):
    """A trainer's time for pages; may be as old as its wrappers allow."""

    @abstractmethod
    async def slots(self, trainer_id: UUID, from_day: date, to_day: date) -> tuple[Slot, ...]:
        """Return a trainer's live slots by local date, both included, in order of time. A query."""


SCHEDULE_READER = PortKey("schedule_reader", ScheduleReader, wrappable=True)
