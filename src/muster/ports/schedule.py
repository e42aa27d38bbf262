"""The ports for trainers' time: claiming within a unit of work, and reading a schedule."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from muster.domain.free_starts import ClaimedTime
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.sessions import PlannedSession
from muster.domain.slots import Availability, Slot
from muster.ports.keys import PortKey

__all__ = ["SCHEDULE_READER", "ScheduleReader", "ScheduleRepository", "TrainersTime"]


class TrainersTime(Protocol):
    """What placing sessions needs to know and to take of trainers' time.

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
    async def booked_days(
        self, trainer_ids: Sequence[UUID], days: Sequence[date]
    ) -> Mapping[UUID, Mapping[date, int]]:
        """Count the sessions that live slots hold on local days, for all trainers at once.

        A query, asked only where a rule in force needs it.

        Args:
            trainer_ids: Whose slots.
            days: Local dates, in any order.

        Returns:
            By trainer and day; what has no entry has no session.
        """

    @abstractmethod
    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim all of one trainer's slots, or none. A command.

        Waits for another unit that is claiming this trainer's time. Never overwrites.

        Returns:
            False when any of the time is taken; nothing is claimed then.
        """


class ScheduleRepository(TrainersTime, Protocol):
    """Slots within one unit of work."""

    @abstractmethod
    async def hold(self, trainer_ids: Sequence[UUID]) -> None:
        """Keep other units from claiming these trainers' time until this one ends. A command.

        They are held in order of their ids, so that two units never wait for each other
        here. Waits for units that are claiming.
        """

    @abstractmethod
    async def under(self, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        """Return the live slots with which one trainer's slots collide, in order of time.

        A query, of what is committed and of what this unit has written; nothing comes in
        between where the trainer is held. ``domain.slots`` says what collides.
        """

    @abstractmethod
    async def release(self, session_ids: Sequence[UUID]) -> int:
        """Free the live slots of sessions. A command, idempotent.

        Returns:
            How many slots were freed.
        """

    @abstractmethod
    async def unblock(self, block_id: UUID) -> int:
        """Free the live slots of a block. A command, idempotent.

        Returns:
            How many slots were freed.
        """


class ScheduleReader(Protocol):
    """A trainer's time for pages; may be as old as its wrappers allow."""

    @abstractmethod
    async def slots(
        self, trainer_id: UUID, from_day: date, to_day: date, scope: Scope = EVERYTHING
    ) -> tuple[Slot, ...]:
        """Return a trainer's live slots by local date, both included, in order of time. A query."""

    @abstractmethod
    async def live_slots(
        self,
        trainer_ids: Sequence[UUID],
        from_day: date,
        to_day: date,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[ClaimedTime]:
        """Return the times that trainers' live slots claim in a span, in one question.

        A query. A slot is in the span when it overlaps the instants, or when its local date,
        on its own wall, is one of the days: what could collide with a session of these days.

        Args:
            trainer_ids: Whose slots; each once.
            from_day: First local date.
            to_day: Last local date, included.
            starts_at: UTC instant.
            ends_at: UTC instant, exclusive.

        Returns:
            Each time once, in any order, with the places in ``trainer_ids`` of whom it is.
        """

    @abstractmethod
    async def several(
        self, trainer_ids: Sequence[UUID], from_day: date, to_day: date
    ) -> tuple[Slot, ...]:
        """Return the live slots of several trainers, as ``slots`` does for one. A query.

        One question for any number of trainers; in order of time, then of ids.
        """


SCHEDULE_READER = PortKey("schedule_reader", ScheduleReader, wrappable=True)
