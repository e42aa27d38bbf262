"""The port for trainers' calendars."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Protocol
from uuid import UUID

from muster.domain.calendars import CalendarEntry
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.keys import PortKey

__all__ = ["CALENDAR_READER", "CalendarReader"]


class CalendarReader(Protocol):
    """Trainers' calendars for pages; may be as old as its wrappers allow."""

    @abstractmethod
    async def of_trainer(
        self,
        trainer_id: UUID,
        from_day: date,
        to_day: date,
        most: int,
        scope: Scope = EVERYTHING,
    ) -> tuple[CalendarEntry, ...]:
        """Return what a trainer's time is and was claimed for, in order of time. A query.

        Each session that ever had a slot of the trainer stands there once: with its live
        slot, or where the trainer holds none for it any more, with the last of those between
        the two days. Leave stands there while it is live.

        Args:
            trainer_id: Whose time; nobody's is empty.
            from_day: First local date, of the slots.
            to_day: Last local date, included.
            scope: Whose calendars and bookings may be seen.
            most: How many entries at most; the earliest are returned.
        """


CALENDAR_READER = PortKey("calendar_reader", CalendarReader, wrappable=True)
