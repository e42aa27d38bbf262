"""What the suites about events share: two subscribers, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import BookingStatus
from muster.domain.events import BookingCancelled, BookingPlaced
from muster.domain.identifiers import uuid7
from muster.ports.event_feed import Delivery
from muster.ports.journal import Audience, RecordedEvent
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import AN_INSTANT, new_id
from muster.testing.suites.store_under_test import StoreUnderTest

__all__ = [
    "BOOKINGS",
    "LEASE",
    "NOW",
    "ONE",
    "OTHER",
    "Told",
    "a_cancellation",
    "a_placing",
    "an_event_at",
    "claim",
    "heard",
    "park",
    "tell",
]

ONE, OTHER = "example/one", "example/other"
NOW = AN_INSTANT
LEASE = timedelta(seconds=30)
BOOKINGS: Audience = {BookingPlaced: [ONE], BookingCancelled: [ONE, OTHER]}

Told: TypeAlias = Sequence[RecordedEvent]


def a_placing(booking_id: UUID | None = None) -> RecordedEvent:
    """Return the placing of a booking, of a new one by default."""
    booking = booking_id or new_id()
    return a_recorded_event(BookingPlaced(booking, BookingStatus.ASSIGNED, new_id(), new_id()))


def a_cancellation(booking_id: UUID | None = None) -> RecordedEvent:
    """Return the cancellation of a booking, of a new one by default."""
    return a_recorded_event(BookingCancelled(booking_id or new_id(), None, None))


def an_event_at(instant: datetime) -> RecordedEvent:
    """Return an event of an instant, by its id too."""
    return replace(a_placing(), id=uuid7(instant, new_id().int & (1 << 62) - 1), at=instant)


async def tell(store: StoreUnderTest, events: Told, audience: Audience = BOOKINGS) -> None:
    """Store events in one unit of work."""
    async with store.unit_of_work() as unit:
        await unit.outbox.add(events, audience)
        await unit.commit()


async def claim(
    store: StoreUnderTest, subscriber: str, limit: int = 100, after: timedelta = timedelta(0)
) -> tuple[Delivery, ...]:
    """Claim what a subscriber is to be told, some time after ``NOW``."""
    now = NOW + after
    return await store.event_feed.claim(subscriber, now, now + LEASE, limit)


async def park(store: StoreUnderTest, subscriber: str, attempts: int = 1) -> None:
    """Park what can be claimed, after some attempts."""
    for attempt in range(attempts):
        claimed = await claim(store, subscriber, after=attempt * LEASE)
    for delivery in claimed:
        assert delivery.attempt == attempts
        await store.event_feed.park(delivery, "no")


async def heard(store: StoreUnderTest, subscriber: str) -> Told:
    """Let a subscriber hear what can be claimed for it, and return that."""
    claimed = await claim(store, subscriber)
    for delivery in claimed:
        await store.event_feed.acknowledge(delivery)
    return [delivery.recorded for delivery in claimed]
