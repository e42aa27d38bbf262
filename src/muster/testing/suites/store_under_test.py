"""A store as the suites see it: the ports that share what units of work commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

import pytest
from msgspec import Struct

from muster.domain.blocks import TrainerBlock
from muster.domain.bookings import Booking
from muster.domain.certificates import Certificate
from muster.domain.franchises import Franchise
from muster.domain.receipts import Receipt
from muster.domain.slots import Slot
from muster.domain.zones import Zone
from muster.ports.audit import AuditChain, AuditReader
from muster.ports.blocks import BlockReader
from muster.ports.bookings import BookingReader
from muster.ports.calendars import CalendarReader
from muster.ports.certificates import CertificateReader
from muster.ports.demand import DemandReader
from muster.ports.event_feed import EventFeed
from muster.ports.event_replays import EventReplays
from muster.ports.franchises import FranchiseReader
from muster.ports.journal import AuditEntry, RecordedEvent
from muster.ports.schedule import ScheduleReader
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster.ports.zones import ZoneLocator, ZoneReader
from muster.testing.suites.port_suite import PortSuite

__all__ = ["StoreSuite", "StoreUnderTest"]


class StoreUnderTest(Struct, frozen=True):
    """The ports of one store, bare or wrapped.

    Attributes:
        unit_of_work: Opens units of work.
        franchise_reader: Reads what they committed.
        zone_reader: Reads what they committed.
        zone_locator: Reads what they committed.
        booking_reader: Reads what they committed.
        schedule_reader: Reads what they committed.
        block_reader: Reads what they committed.
        demand_reader: Reads what they committed.
        calendar_reader: Reads what they committed.
        certificate_reader: Reads what they committed.
        event_feed: Tells what they committed.
        event_replays: Tells it once more.
        audit_reader: Reads the trail that they committed.
        audit_chain: Seals it.
        events: Reads back the committed events, in the order in which they were stored.
        audit: Reads back the committed audit entries, in that order.
    """

    unit_of_work: UnitOfWorkFactory
    franchise_reader: FranchiseReader
    zone_reader: ZoneReader
    zone_locator: ZoneLocator
    booking_reader: BookingReader
    schedule_reader: ScheduleReader
    block_reader: BlockReader
    demand_reader: DemandReader
    calendar_reader: CalendarReader
    certificate_reader: CertificateReader
    event_feed: EventFeed
    event_replays: EventReplays
    audit_reader: AuditReader
    audit_chain: AuditChain
    events: Callable[[], Awaitable[Sequence[RecordedEvent]]]
    audit: Callable[[], Awaitable[Sequence[AuditEntry]]]

    FINGERPRINT: ClassVar[bytes] = bytes(range(32))

    async def keep(
        self,
        *records: Franchise
        | Zone
        | Booking
        | Receipt
        | Certificate
        | TrainerBlock
        | Sequence[Slot],
    ) -> None:
        """Commit new records in one unit of work; a sequence of slots is claimed."""
        async with self.unit_of_work() as unit:
            for record in records:
                match record:
                    case Franchise():
                        await unit.franchises.add(record)
                    case Zone():
                        await unit.zones.add(record)
                    case Booking():
                        await unit.bookings.add(record, self.FINGERPRINT)
                    case Receipt():
                        await unit.receipts.add(record)
                    case TrainerBlock():
                        await unit.blocks.add(record)
                    case Certificate():
                        await unit.bookings.get(record.booking_id)
                        assert await unit.certificates.add(record), "an example's number was taken"
                    case _:
                        assert await unit.schedule.claim(record), "an example's time was taken"
            await unit.commit()

    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim slots in a unit of work of its own, and commit."""
        async with self.unit_of_work() as unit:
            claimed = await unit.schedule.claim(slots)
            await unit.commit()
        return claimed


class StoreSuite(PortSuite):
    """A suite for the ports of a store.

    Fixture to override: ``store``.
    """

    @pytest.fixture
    def store(self) -> StoreUnderTest:
        """The store under test, empty."""
        raise NotImplementedError("override the fixture store")
