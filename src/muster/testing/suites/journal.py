"""The conformance suite of the outbox and the audit trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from muster.domain.bookings import BookingStatus
from muster.domain.events import (
    BookingCancelled,
    BookingPlaced,
    Event,
    FranchiseChanged,
    FranchiseCreated,
    ZoneArchived,
    ZoneChanged,
    ZoneCreated,
)
from muster.testing.example_records import a_recorded_event, an_audit_entry
from muster.testing.examples import a_franchise
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["JournalSuite"]

_ID = UUID(int=7 << 76 | 2 << 62 | 5)
_EVENTS: list[Event] = [
    BookingPlaced(_ID, BookingStatus.ASSIGNED, _ID, _ID),
    BookingPlaced(_ID, BookingStatus.SERVICE_NOT_AVAILABLE, None, None),
    BookingCancelled(_ID, None, _ID),
    ZoneCreated(_ID, 1),
    ZoneChanged(_ID, 2),
    ZoneArchived(_ID, 3),
    FranchiseCreated(_ID),
    FranchiseChanged(_ID),
]
_CHANGES: list[dict[str, Any]] = [
    {},
    {"name": "Süd – “漢”", "radiusKm": 0.1 + 0.2, "gone": None},
    {"nested": {"list": [1, 2.5, "x", None, [True, False]], "empty": {}}},
]


class JournalSuite(StoreSuite):
    """Holds an ``Outbox`` and an ``AuditTrail`` to their ports."""

    async def test_events_are_stored_in_order(self, store: StoreUnderTest) -> None:
        """Every kind of event comes back exactly, in the order in which they were added."""
        events = [a_recorded_event(event) for event in _EVENTS]
        async with store.unit_of_work() as unit:
            await unit.outbox.add(events[:3])
            await unit.outbox.add([])
            await unit.outbox.add(events[3:])
            assert list(await store.events()) == []
            await unit.commit()
        assert list(await store.events()) == events

    async def test_entries_are_stored_in_order(self, store: StoreUnderTest) -> None:
        """Every entry comes back exactly, in the order in which they were appended."""
        entries = [an_audit_entry(change=change) for change in _CHANGES]
        entries.append(an_audit_entry(franchise_id=a_franchise().id, subject_kind="booking"))
        async with store.unit_of_work() as unit:
            await unit.audit.append(entries[:1])
            await unit.audit.append([])
            await unit.audit.append(entries[1:])
            assert list(await store.audit()) == []
            await unit.commit()
        assert list(await store.audit()) == entries

    @pytest.mark.parametrize("fails", [True, False], ids=["raised", "left"])
    async def test_they_last_with_the_change_alone(
        self, store: StoreUnderTest, fails: bool
    ) -> None:
        """A unit that is undone tells and records nothing."""
        franchise = a_franchise()
        try:
            async with store.unit_of_work() as unit:
                await unit.franchises.add(franchise)
                await unit.outbox.add([a_recorded_event(FranchiseCreated(franchise.id))])
                await unit.audit.append([an_audit_entry()])
                if fails:
                    raise LookupError
        except LookupError:
            assert fails
        assert list(await store.events()) == []
        assert list(await store.audit()) == []
        assert await store.franchise_reader.get(franchise.id) is None
