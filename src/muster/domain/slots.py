"""Slots: a trainer's claims on time, and when two of them collide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import combinations
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from muster.domain.sessions import PlannedSession

__all__ = [
    "Availability",
    "Slot",
    "SlotState",
    "availability_of",
    "booked_days_of",
    "collides",
    "conflicting_numbers",
    "rivals_among",
    "slots_collide",
]


_MINUTE = timedelta(minutes=1)


class SlotState(Enum):
    """Whether a session or a leave claims the time."""

    BOOKED = "BOOKED"
    BLOCKED = "BLOCKED"


class Slot(Struct, frozen=True):
    """A trainer's claim on a stretch of time.

    Attributes:
        id: UUIDv7.
        trainer_id: Whose time it is.
        state: Who claims it: a session or a leave.
        local_date: The day on the wall.
        timeslot: ``HH:MM`` on the wall.
        time_zone: IANA key of the wall clock.
        starts_at: UTC instant.
        ends_at: UTC instant, exclusive.
        booking_id: The booking whose session claims it.
        session_id: The session that claims it.
        reason: Why the time is blocked.
        block_id: The block that claims it.
    """

    id: UUID
    trainer_id: UUID
    state: SlotState
    local_date: date
    timeslot: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    booking_id: UUID | None = None
    session_id: UUID | None = None
    reason: str | None = None
    block_id: UUID | None = None


class Availability(Struct, frozen=True):
    """What a trainer's live slots say about a plan.

    Attributes:
        conflicts: Numbers of the planned sessions that collide with a live slot, ascending.
        booked_minutes: Minutes booked in the 28 days from the start date.
        booked_days: Sessions booked on each day of the plan that has any; ``None`` where no
            rule asked for it.
    """

    conflicts: tuple[int, ...] = ()
    booked_minutes: int = 0
    booked_days: Mapping[date, int] | None = None

    def only(self, number: int) -> Availability:
        """Return what the live slots say about one session of the plan alone."""
        conflicts = (number,) if number in self.conflicts else ()
        return Availability(conflicts, self.booked_minutes, self.booked_days)

    def booked_on(self, day: date) -> int:
        """Return how many sessions are booked on a day of the plan.

        Raises:
            LookupError: No rule that declares this need is in force. Unknown is not none.
        """
        if self.booked_days is None:
            raise LookupError("a rule that counts sessions says so by needs_booked_days")
        return self.booked_days.get(day, 0)


def collides(slot: Slot, planned: PlannedSession) -> bool:
    """Return whether a live slot and a planned session cannot both hold.

    They overlap in absolute time (the end is exclusive), or they have the same local
    date and time: the two guards that the database keeps.
    """
    return _meet(_of_slot(slot), _of_session(planned))


def rivals_among(sessions: Sequence[PlannedSession]) -> dict[int, frozenset[int]]:
    """Return which sessions one trainer cannot take together, by the same two guards.

    Returns:
        By its number, the numbers of those that collide with a session; only where any does.
    """
    found: dict[int, set[int]] = {}
    for one, other in combinations(sessions, 2):
        if _meet(_of_session(one), _of_session(other)):
            found.setdefault(one.number, set()).add(other.number)
            found.setdefault(other.number, set()).add(one.number)
    return {number: frozenset(rivals) for number, rivals in found.items()}


def slots_collide(one: Slot, other: Slot) -> bool:
    """Return whether two slots of one trainer cannot both be live, by the same two guards."""
    return _meet(_of_slot(one), _of_slot(other))


class _Time(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    on_the_wall: tuple[date, str]


def _of_slot(slot: Slot) -> _Time:
    return _Time(slot.starts_at, slot.ends_at, (slot.local_date, slot.timeslot))


def _of_session(planned: PlannedSession) -> _Time:
    wall = planned.local_date, planned.local_time
    return _Time(planned.starts_at, planned.ends_at, wall)


def _meet(one: _Time, other: _Time) -> bool:
    overlap = one.starts_at < other.ends_at and other.starts_at < one.ends_at
    return overlap or one.on_the_wall == other.on_the_wall


def availability_of(
    held: Iterable[Slot], sessions: Iterable[PlannedSession], from_day: date, days: int
) -> Availability:
    """Return what one trainer's live slots say about a plan.

    Args:
        held: The live slots.
        sessions: The plan.
        from_day: First local date of the window in which booked minutes count.
        days: Length of that window.
    """
    live, end = tuple(held), from_day + timedelta(days=days)
    booked = sum(
        (
            slot.ends_at - slot.starts_at
            for slot in live
            if slot.state is SlotState.BOOKED and from_day <= slot.local_date < end
        ),
        timedelta(),
    )
    return Availability(conflicting_numbers(live, sessions), booked // _MINUTE)


def booked_days_of(held: Iterable[Slot], days: Iterable[date]) -> dict[date, int]:
    """Return how many sessions one trainer's live slots hold on each of some local days."""
    wanted = set(days)
    return dict(
        Counter(
            slot.local_date
            for slot in held
            if slot.state is SlotState.BOOKED and slot.local_date in wanted
        )
    )


def conflicting_numbers(
    slots: Iterable[Slot], sessions: Iterable[PlannedSession]
) -> tuple[int, ...]:
    """Return the numbers of the planned sessions that collide with any live slot, ascending."""
    held = tuple(slots)
    return tuple(
        sorted(
            planned.number for planned in sessions if any(collides(slot, planned) for slot in held)
        )
    )
