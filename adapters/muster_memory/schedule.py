"""Trainers' time in memory: claiming it, and reading a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec.structs import replace

from muster.domain.sessions import SESSIONS_WITHOUT_SLOT, PlannedSession
from muster.domain.slots import Availability, Slot, SlotState, conflicting_numbers
from muster.ports.schedule import ScheduleReader, ScheduleRepository
from muster_memory.guards import fit_together
from muster_memory.store import MemoryStore, StoredSlot
from muster_memory.transaction import Transaction

__all__ = ["MemorySchedule", "MemoryScheduleReader"]

_MINUTE = timedelta(minutes=1)


class MemorySchedule(ScheduleRepository):
    """Slots within one unit of work."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within a transaction."""
        self._transaction = transaction

    async def availability(
        self,
        trainer_ids: Sequence[UUID],
        sessions: Sequence[PlannedSession],
        from_day: date,
        days: int,
    ) -> Mapping[UUID, Availability]:
        """Return what live slots say about a plan, for all trainers in one question."""
        await self._transaction.step()
        window = from_day, from_day + timedelta(days=days)
        found = {
            trainer_id: _availability(self._live(trainer_id), sessions, window)
            for trainer_id in trainer_ids
        }
        return {trainer: one for trainer, one in found.items() if one != Availability()}

    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim all of one trainer's slots, or none.

        A claim that is lost lets go of the trainer, as going back to a savepoint would.
        """
        await self._transaction.step()
        if not slots:
            return True
        trainer_id = slots[0].trainer_id
        if any(slot.trainer_id != trainer_id for slot in slots):
            raise ValueError("a claim is for the slots of one trainer")
        held_before = self._transaction.holds("trainer", trainer_id)
        await self._transaction.lock("trainer", trainer_id)
        if not self._is_free(self._live(trainer_id), slots):
            if not held_before:
                self._transaction.unlock("trainer", trainer_id)
            return False
        for slot in slots:
            self._transaction.slots.add(slot.id, StoredSlot(slot, live=True))
        return True

    async def release(self, booking_id: UUID) -> int:
        """Free the slots of a booking's sessions that hold none any more."""
        await self._transaction.step()
        draft = self._transaction.slots
        stored = self._transaction.bookings.get(booking_id)
        freed = {
            session.id
            for session in (() if stored is None else stored.booking.sessions)
            if session.status in SESSIONS_WITHOUT_SLOT
        }
        over = [row for row in draft.where("booking", booking_id) if row.slot.session_id in freed]
        for row in over:
            draft.put(row.slot.id, replace(row, live=False))
        return len(over)

    def _live(self, trainer_id: UUID) -> list[Slot]:
        return [row.slot for row in self._transaction.slots.where("trainer", trainer_id)]

    def _is_free(self, held: list[Slot], claimed: Sequence[Slot]) -> bool:
        sessions = [slot.session_id for slot in claimed if slot.session_id is not None]
        served = any(any(self._transaction.slots.where("session", one)) for one in sessions)
        once = len(set(sessions)) == len(sessions)
        return once and not served and fit_together([*held, *claimed])


class MemoryScheduleReader(ScheduleReader):
    """Committed slots."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def slots(self, trainer_id: UUID, from_day: date, to_day: date) -> tuple[Slot, ...]:
        """Return a trainer's live slots by local date, both included, in order of time."""
        live = (row.slot for row in self._store.slots.where("trainer", trainer_id))
        shown = (slot for slot in live if from_day <= slot.local_date <= to_day)
        return tuple(sorted(shown, key=lambda slot: (slot.starts_at, slot.id.int)))


def _availability(
    held: list[Slot], sessions: Sequence[PlannedSession], window: tuple[date, date]
) -> Availability:
    first, end = window
    booked = sum(
        (
            slot.ends_at - slot.starts_at
            for slot in held
            if slot.state is SlotState.BOOKED and first <= slot.local_date < end
        ),
        timedelta(),
    )
    return Availability(conflicting_numbers(held, sessions), booked // _MINUTE)
