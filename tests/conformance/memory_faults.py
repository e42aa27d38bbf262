"""Faults to plant in the memory adapter; each is one that an author could make."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.domain.bookings import Booking
from muster.domain.certificates import Certificate
from muster.domain.geography import Point
from muster.domain.slots import Slot
from muster.domain.zones import ZoneStatus, covers
from muster.ports.journal import RecordedEvent
from muster.ports.zones import ZonesAround
from muster_memory.bookings import MemoryBookings
from muster_memory.certificates import MemoryCertificates
from muster_memory.journal import MemoryOutbox
from muster_memory.locks import LockMode
from muster_memory.schedule import MemorySchedule
from muster_memory.transaction import Transaction
from muster_memory.zone_locator import MemoryZoneLocator

whole_claim = MemorySchedule.claim
whole_end = Transaction.end
whole_lock = Transaction.lock
whole_replace = MemoryBookings.replace
whole_add = MemoryOutbox.add
whole_issue = MemoryCertificates.add


def overlaps_ignored(patch: pytest.MonkeyPatch) -> None:
    """A claim and the guard at the commit look at the timeslot alone."""

    def by_timeslot(slots: Sequence[Slot]) -> bool:
        return len({(slot.local_date, slot.timeslot) for slot in slots}) == len(slots)

    patch.setattr("muster_memory.schedule.fit_together", by_timeslot)
    patch.setattr("muster_memory.guards.fit_together", by_timeslot)


def timeslots_ignored(patch: pytest.MonkeyPatch) -> None:
    """A claim and the guard at the commit look at absolute time alone."""

    def by_time(slots: Sequence[Slot]) -> bool:
        return not any(
            one.starts_at < other.ends_at and other.starts_at < one.ends_at
            for place, one in enumerate(slots)
            for other in slots[:place]
        )

    patch.setattr("muster_memory.schedule.fit_together", by_time)
    patch.setattr("muster_memory.guards.fit_together", by_time)


def claims_without_a_look(patch: pytest.MonkeyPatch) -> None:
    """A claim looks at nothing; the guard at the commit still does."""
    patch.setattr("muster_memory.schedule.fit_together", lambda slots: True)


def claims_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """Two units claim one trainer's time at once, and nothing checks it at the commit."""
    without_locks_on(patch, "trainer")
    patch.setattr("muster_memory.transaction.check_guards", lambda calendars: None)


def claims_by_halves(patch: pytest.MonkeyPatch) -> None:
    """A claim that is lost keeps the slots that were free."""

    async def claim(self: MemorySchedule, slots: Sequence[Slot]) -> bool:
        return all([await whole_claim(self, [slot]) for slot in slots])

    patch.setattr(MemorySchedule, "claim", claim)


def freeing_nothing(patch: pytest.MonkeyPatch) -> None:
    """A release counts the slots, and leaves them live."""
    patch.setattr("muster_memory.schedule.replace", lambda row, live: row)


def freeing_the_trainers_whole_time(patch: pytest.MonkeyPatch) -> None:
    """A release frees every live slot of a trainer who taught one of the sessions."""

    async def release(self: MemorySchedule, session_ids: Sequence[UUID]) -> int:
        slots = self._transaction.slots
        trainers = {
            row.slot.trainer_id for one in session_ids for row in slots.where("session", one)
        }
        over = [row for trainer in trainers for row in slots.where("trainer", trainer)]
        for row in over:
            slots.put(row.slot.id, replace(row, live=False))
        return len(over)

    patch.setattr(MemorySchedule, "release", release)


def leaving_commits(patch: pytest.MonkeyPatch) -> None:
    """A unit that is left without a commit lasts."""

    def end(self: Transaction, how: str) -> None:
        if how == "undone":
            self.franchises.commit()
        whole_end(self, how)

    patch.setattr(Transaction, "end", end)


def references_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """Two units may ask for one reference at once."""
    without_locks_on(patch, "reference")


def zones_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """A zone may change under the bookings that rely on it."""
    without_locks_on(patch, "zone")
    patch.setattr(Transaction, "require", lambda self, kind, row_id, draft: None)


def bookings_of_a_zone_wait(patch: pytest.MonkeyPatch) -> None:
    """One booking at a time holds a zone's version in force."""
    alone = SimpleNamespace(SHARED=LockMode.EXCLUSIVE)
    patch.setattr("muster_memory.zones.LockMode", alone)


def names_not_folded(patch: pytest.MonkeyPatch) -> None:
    """Names that read alike are told apart."""
    patch.setattr("muster_memory.franchises.fold_name", lambda name: name)


def sessions_not_replaced(patch: pytest.MonkeyPatch) -> None:
    """A changed booking keeps its old sessions."""

    async def keep_sessions(self: MemoryBookings, *bookings: Booking) -> None:
        for booking in bookings:
            before = await self.get(booking.id)
            assert before is not None
            await whole_replace(self, replace(booking, sessions=before.sessions))

    patch.setattr(MemoryBookings, "replace", keep_sessions)


def archived_zones_serve(patch: pytest.MonkeyPatch) -> None:
    """An archived zone still covers its circle."""

    async def around(self: MemoryZoneLocator, point: Point) -> ZonesAround:
        zones = [
            zone
            for zone in self._store.zones.all()
            if covers(replace(zone, status=ZoneStatus.ACTIVE), point)
        ]
        return ZonesAround(tuple(zones), None)

    patch.setattr(MemoryZoneLocator, "around", around)


def events_lost(patch: pytest.MonkeyPatch) -> None:
    """Of several events the last is not stored."""

    async def add(self: MemoryOutbox, events: Sequence[RecordedEvent]) -> None:
        await whole_add(self, events[:-1])

    patch.setattr(MemoryOutbox, "add", add)


def numbers_without_a_look(patch: pytest.MonkeyPatch) -> None:
    """A certificate is stored whoever has its number."""

    async def add(self: MemoryCertificates, certificate: Certificate) -> bool:
        return await whole_issue(self, replace(certificate, number=f"{certificate.id}"))

    patch.setattr(MemoryCertificates, "add", add)


def numbers_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    """Two units may store one number at once."""
    without_locks_on(patch, "certificate number")


def certificates_without_a_guard(patch: pytest.MonkeyPatch) -> None:
    """A student may have several certificates in force."""
    patch.setattr("muster_memory.certificates.in_force_key", lambda certificate: None)


def without_locks_on(patch: pytest.MonkeyPatch, free: str) -> None:
    async def lock(
        self: Transaction, kind: str, key: Any, mode: LockMode = LockMode.EXCLUSIVE
    ) -> None:
        if kind == free:
            await self.step()
        else:
            await whole_lock(self, kind, key, mode)

    patch.setattr(Transaction, "lock", lock)
