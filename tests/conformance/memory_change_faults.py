"""Faults to plant in how the memory adapter changes bookings, holds time and keeps blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest

from muster.domain.blocks import TrainerBlock
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.receipts import Receipt
from muster.domain.slots import Slot
from muster.domain.zones import Zone, ZoneStatus
from muster_memory.blocks import MemoryBlockReader
from muster_memory.booking_reader import MemoryBookingReader
from muster_memory.bookings import MemoryBookings
from muster_memory.schedule import MemorySchedule
from muster_memory.transaction import Transaction
from muster_memory.zone_locator import MemoryZoneLocator
from tests.conformance.memory_faults import whole_replace, without_locks_on


def under_by_time_alone(patch: pytest.MonkeyPatch) -> None:
    """What lies under a slot is sought by absolute time, and not by date and timeslot."""

    def overlap(one: Slot, other: Slot) -> bool:
        return one.starts_at < other.ends_at and other.starts_at < one.ends_at

    patch.setattr("muster_memory.schedule.slots_collide", overlap)


def holding_nobody(patch: pytest.MonkeyPatch) -> None:
    """Others claim the time of trainers who are held."""

    async def hold(self: MemorySchedule, trainer_ids: Sequence[UUID]) -> None:
        await self._transaction.step()

    patch.setattr(MemorySchedule, "hold", hold)


def held_as_asked(patch: pytest.MonkeyPatch) -> None:
    """Trainers are held, and bookings locked, in the order in which they were asked for."""

    async def hold(self: MemorySchedule, trainer_ids: Sequence[UUID]) -> None:
        for trainer_id in trainer_ids:
            await self._transaction.lock("trainer", trainer_id)

    async def several(self: MemoryBookings, booking_ids: Sequence[UUID]) -> tuple[Booking, ...]:
        found = [await self.get(booking_id) for booking_id in dict.fromkeys(booking_ids)]
        return tuple(sorted(filter(None, found), key=lambda booking: booking.id.int))

    patch.setattr(MemorySchedule, "hold", hold)
    patch.setattr(MemoryBookings, "several", several)


def a_lost_claim_lets_go_of_all(patch: pytest.MonkeyPatch) -> None:
    """A claim that is lost lets go of a trainer who was held before it."""
    patch.setattr(Transaction, "holds", lambda self, kind, key: False)


def blocks_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """Two units remove one block."""
    without_locks_on(patch, "block")
    patch.setattr(Transaction, "require", lambda self, kind, row_id, draft: None)


def removed_blocks_listed(patch: pytest.MonkeyPatch) -> None:
    """A block that was removed is still listed."""

    async def of_trainer(
        self: MemoryBlockReader, trainer_id: UUID, from_day: date, to_day: date
    ) -> tuple[TrainerBlock, ...]:
        stored = self._store.blocks.where("trainer", trainer_id)
        return tuple(row.block for row in stored if row.block.touches(from_day, to_day))

    patch.setattr(MemoryBlockReader, "of_trainer", of_trainer)


def unblocking_the_trainer(patch: pytest.MonkeyPatch) -> None:
    """A removed block frees all blocked time of its trainer."""
    whole = MemorySchedule.unblock

    async def unblock(self: MemorySchedule, block_id: UUID) -> int:
        slots = self._transaction.slots
        trainers = {row.slot.trainer_id for row in slots.where("block", block_id)}
        blocks = {
            row.slot.block_id for trainer in trainers for row in slots.where("trainer", trainer)
        }
        return sum([await whole(self, one) for one in blocks if one is not None])

    patch.setattr(MemorySchedule, "unblock", unblock)


def made_up_sessions_unknown(patch: pytest.MonkeyPatch) -> None:
    """A session that a booking did not have before does not lead to it."""
    whole = MemoryBookings.add

    async def add(self: MemoryBookings, booking: Booking, fingerprint: bytes) -> None:
        await whole(self, booking, fingerprint)
        for session in booking.sessions:
            self._transaction.sessions.put(session.id, booking.id)

    patch.setattr(MemoryBookings, "add", add)
    patch.setattr(MemoryBookings, "_index_sessions", lambda self, booking: None)


def one_of_several_replaced(patch: pytest.MonkeyPatch) -> None:
    """Of several bookings the first is stored."""

    async def replace_first(self: MemoryBookings, *bookings: Booking) -> None:
        await whole_replace(self, *bookings[:1])

    patch.setattr(MemoryBookings, "replace", replace_first)


def the_line_of_the_zone(patch: pytest.MonkeyPatch) -> None:
    """Whoever waits in a zone stands in one line, whatever they wait for."""

    async def line(self: MemoryBookingReader, zone_id: UUID, course_id: UUID) -> tuple[UUID, ...]:
        bookings = sorted(
            (row.booking for row in self._store.bookings.all()),
            key=lambda booking: (booking.created_at, booking.id.int),
        )
        waiting = (one for one in bookings if one.status is BookingStatus.WAITLISTED)
        return tuple(one.id for one in waiting if one.zone_id == zone_id)

    patch.setattr(MemoryBookingReader, "line", line)


def receipts_by_time(patch: pytest.MonkeyPatch) -> None:
    """Receipts come in the order of the clock."""

    async def receipts(self: MemoryBookingReader, booking_id: UUID) -> tuple[Receipt, ...]:
        found = self._store.receipts.where("booking", booking_id)
        return tuple(sorted(found, key=lambda receipt: (receipt.created_at, receipt.id.int)))

    patch.setattr(MemoryBookingReader, "receipts", receipts)


def archived_zones_forgotten(patch: pytest.MonkeyPatch) -> None:
    """An archived zone is not found by its id."""

    async def zone(self: MemoryZoneLocator, zone_id: UUID) -> Zone | None:
        found = self._store.zones.get(zone_id)
        return found if found and found.status is ZoneStatus.ACTIVE else None

    patch.setattr(MemoryZoneLocator, "zone", zone)
