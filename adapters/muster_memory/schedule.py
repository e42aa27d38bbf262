"""Trainers' time in memory: claiming it, and reading a schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec.structs import replace

from muster.domain.free_starts import ClaimedTime
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.sessions import PlannedSession
from muster.domain.slots import (
    Availability,
    Slot,
    availability_of,
    booked_days_of,
    slots_collide,
)
from muster.ports.schedule import ScheduleReader, ScheduleRepository
from muster_memory.guards import fit_together
from muster_memory.store import MemoryStore, StoredSlot, booking_of_slot
from muster_memory.transaction import Transaction

__all__ = ["MemorySchedule", "MemoryScheduleReader"]


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
        found = {
            trainer_id: availability_of(self._live(trainer_id), sessions, from_day, days)
            for trainer_id in trainer_ids
        }
        return {trainer: one for trainer, one in found.items() if one != Availability()}

    async def booked_days(
        self, trainer_ids: Sequence[UUID], days: Sequence[date]
    ) -> Mapping[UUID, Mapping[date, int]]:
        """Count the sessions that live slots hold on local days, for all trainers at once."""
        await self._transaction.step()
        found = {one: booked_days_of(self._live(one), days) for one in trainer_ids}
        return {trainer: counted for trainer, counted in found.items() if counted}

    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim all of one trainer's slots, or none.

        A claim that is lost lets go of the trainer, as going back to a savepoint would.
        """
        await self._transaction.step()
        if not slots:
            return True
        trainer_id = _one_trainer(slots)
        held_before = self._transaction.holds("trainer", trainer_id)
        await self._transaction.lock("trainer", trainer_id)
        if not self._is_free(self._live(trainer_id), slots):
            if not held_before:
                self._transaction.unlock("trainer", trainer_id)
            return False
        for slot in slots:
            self._transaction.slots.add(slot.id, StoredSlot(slot, live=True))
        return True

    async def hold(self, trainer_ids: Sequence[UUID]) -> None:
        """Keep other units from claiming these trainers' time until this one ends."""
        for trainer_id in sorted(set(trainer_ids), key=lambda id_: id_.int):
            await self._transaction.lock("trainer", trainer_id)

    async def under(self, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        """Return the live slots with which one trainer's slots collide, in order of time."""
        await self._transaction.step()
        if not slots:
            return ()
        found = [
            held
            for held in self._live(_one_trainer(slots))
            if any(slots_collide(held, slot) for slot in slots)
        ]
        return tuple(sorted(found, key=lambda slot: (slot.starts_at, slot.id.int)))

    async def release(self, session_ids: Sequence[UUID]) -> int:
        """Free the live slots of sessions."""
        await self._transaction.step()
        return self._free("session", set(session_ids))

    async def unblock(self, block_id: UUID) -> int:
        """Free the live slots of a block."""
        await self._transaction.step()
        return self._free("block", {block_id})

    def _free(self, index: str, keys: set[UUID]) -> int:
        draft = self._transaction.slots
        over = [row for key in keys for row in draft.where(index, key)]
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

    async def live_slots(
        self,
        trainer_ids: Sequence[UUID],
        from_day: date,
        to_day: date,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[ClaimedTime]:
        """Return the times that trainers' live slots claim in a span, in one question."""
        return [
            ClaimedTime(
                slot.starts_at,
                slot.ends_at,
                slot.local_date,
                slot.timeslot,
                slot.state,
                held_by=places,
            )
            for slot, places in self._by_time(trainer_ids)
            if (slot.starts_at < ends_at and starts_at < slot.ends_at)
            or from_day <= slot.local_date <= to_day
        ]

    def _by_time(self, trainer_ids: Sequence[UUID]) -> Iterable[tuple[Slot, list[int]]]:
        """Return one slot of each time, and the places of the trainers who have such a one."""
        found: dict[tuple[object, ...], tuple[Slot, list[int]]] = {}
        for place, trainer_id in enumerate(trainer_ids):
            for row in self._store.slots.where("trainer", trainer_id):
                one = row.slot
                time = one.starts_at, one.ends_at, one.local_date, one.timeslot, one.state
                found.setdefault(time, (one, []))[1].append(place)
        return found.values()

    async def slots(
        self, trainer_id: UUID, from_day: date, to_day: date, scope: Scope = EVERYTHING
    ) -> tuple[Slot, ...]:
        """Return a trainer's live slots by local date, both included, in order of time."""
        return tuple(
            slot
            for slot in await self.several([trainer_id], from_day, to_day)
            if scope.holds_slot(slot, booking_of_slot(slot, self._store))
        )

    async def several(
        self, trainer_ids: Sequence[UUID], from_day: date, to_day: date
    ) -> tuple[Slot, ...]:
        """Return the live slots of several trainers, in order of time."""
        slots = self._store.slots
        live = (row.slot for one in set(trainer_ids) for row in slots.where("trainer", one))
        shown = (slot for slot in live if from_day <= slot.local_date <= to_day)
        return tuple(sorted(shown, key=lambda slot: (slot.starts_at, slot.id.int)))


def _one_trainer(slots: Sequence[Slot]) -> UUID:
    trainer_id = slots[0].trainer_id
    if any(slot.trainer_id != trainer_id for slot in slots):
        raise ValueError("these are slots of several trainers")
    return trainer_id
