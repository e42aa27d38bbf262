"""The conformance suite of what subscribers have not heard yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import BookingStatus
from muster.domain.events import (
    BookingCancelled,
    BookingPlaced,
    CertificateIssued,
    Event,
    FranchiseCreated,
    TrainerBlocked,
    ZoneCreated,
)
from muster.ports.event_feed import Backlog, Delivery, ParkedEvent
from muster.ports.journal import Audience, RecordedEvent
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import AN_INSTANT, new_id
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["EventFeedSuite"]

_ONE, _OTHER = "example/one", "example/other"
_NOW = AN_INSTANT
_LEASE = timedelta(seconds=30)
_BOOKINGS: Audience = {BookingPlaced: [_ONE], BookingCancelled: [_ONE, _OTHER]}

Told: TypeAlias = Sequence[RecordedEvent]


class EventFeedSuite(StoreSuite):
    """Holds an ``EventFeed``, and ``Outbox.add`` with an audience, to their ports."""

    async def test_only_the_audience_is_told(self, store: StoreUnderTest) -> None:
        """Each subscriber hears what it wants to, exactly as it was stored, and nothing else."""
        placed, cancelled, zone = (
            _placed(),
            _cancelled(),
            a_recorded_event(ZoneCreated(new_id(), 1)),
        )
        await _tell(store, [placed, zone, cancelled])
        assert await _heard(store, _ONE) == [placed, cancelled]
        assert await _heard(store, _OTHER) == [cancelled]
        assert await _heard(store, "example/nobody") == []
        assert list(await store.events()) == [placed, zone, cancelled]

    async def test_every_event_can_be_told(self, store: StoreUnderTest) -> None:
        """Those that are about no booking as well."""
        kinds: list[Event] = [
            ZoneCreated(new_id(), 1),
            FranchiseCreated(new_id()),
            TrainerBlocked(new_id(), new_id()),
            CertificateIssued(new_id(), new_id(), new_id()),
        ]
        recorded = [a_recorded_event(event) for event in kinds]
        await _tell(store, recorded, {type(event): [_ONE] for event in kinds})
        assert await _heard(store, _ONE) == recorded

    async def test_what_is_undone_is_not_told(self, store: StoreUnderTest) -> None:
        """Nor is what has not committed yet."""
        async with store.unit_of_work() as unit:
            await unit.outbox.add([_placed()], _BOOKINGS)
            assert await _claim(store, _ONE) == ()
        assert await _claim(store, _ONE) == ()

    async def test_a_later_commit_of_an_earlier_event_is_not_passed_over(
        self, store: StoreUnderTest
    ) -> None:
        """Of two open units the second commits first, and is heard before the first commits."""
        early, late = _placed(), _placed()
        async with store.unit_of_work() as unit, store.unit_of_work() as other:
            await unit.outbox.add([early], _BOOKINGS)
            await other.outbox.add([late], _BOOKINGS)
            await other.commit()
            assert await _heard(store, _ONE) == [late]
            await unit.commit()
        assert await _heard(store, _ONE) == [early]

    async def test_the_events_of_a_booking_come_one_after_another(
        self, store: StoreUnderTest
    ) -> None:
        """The next one can be claimed once the one before it was heard; others do not wait."""
        booking, another = new_id(), new_id()
        first, second = _placed(booking), _cancelled(booking)
        alone = _placed(another)
        await _tell(store, [first])
        await _tell(store, [second, alone])
        one, two = await _claim(store, _ONE)
        assert [one.recorded, two.recorded] == [first, alone]
        assert await _claim(store, _ONE) == ()
        await store.event_feed.acknowledge(two)
        assert await _claim(store, _ONE) == ()
        assert await _heard(store, _OTHER) == [second], "subscribers do not wait for each other"
        await store.event_feed.acknowledge(one)
        assert await _heard(store, _ONE) == [second]

    async def test_a_certificate_is_told_with_its_booking(self, store: StoreUnderTest) -> None:
        """It is about the booking, although it has an id of its own."""
        booking = new_id()
        placed = _placed(booking)
        issued = a_recorded_event(CertificateIssued(new_id(), booking, new_id()))
        await _tell(store, [placed, issued], {**_BOOKINGS, CertificateIssued: [_ONE]})
        (claimed,) = await _claim(store, _ONE)
        assert claimed.recorded == placed

    async def test_no_more_is_claimed_than_asked_for(self, store: StoreUnderTest) -> None:
        """The oldest first; the rest stays for the next."""
        events = [_placed() for _ in range(5)]
        await _tell(store, events)
        claimed = await _claim(store, _ONE, limit=3)
        assert [delivery.recorded for delivery in claimed] == events[:3]
        assert [delivery.recorded for delivery in await _claim(store, _ONE)] == events[3:]

    async def test_claimed_at_once_each_goes_to_one(self, store: StoreUnderTest) -> None:
        """Servers share the work; so many events that the claims do meet."""
        events = [_placed() for _ in range(400)]
        await _tell(store, events)
        await asyncio.gather(*(_claim(store, _OTHER) for _ in range(8)))
        shares = await asyncio.gather(*(_claim(store, _ONE, limit=100) for _ in range(8)))
        shares.append(await _claim(store, _ONE, limit=400))
        ids = [delivery.recorded.id for share in shares for delivery in share]
        assert sorted(ids, key=lambda id_: id_.int) == [event.id for event in events]

    async def test_what_a_dead_server_had_is_claimed_again(self, store: StoreUnderTest) -> None:
        """From the instant that its claim named, and that counts as another attempt."""
        event = _placed()
        await _tell(store, [event])
        (lost,) = await _claim(store, _ONE)
        assert lost == Delivery(_ONE, event, 1)
        assert await _claim(store, _ONE, after=_LEASE - timedelta(microseconds=1)) == ()
        assert await _claim(store, _ONE, after=_LEASE) == (Delivery(_ONE, event, 2),)

    async def test_a_claim_that_was_lost_settles_nothing(self, store: StoreUnderTest) -> None:
        """What comes late says nothing about the attempt that is under way."""
        event = _placed()
        await _tell(store, [event])
        (lost,) = await _claim(store, _ONE)
        await _claim(store, _ONE, after=_LEASE)
        feed = store.event_feed
        await feed.postpone(lost, _NOW, "late")
        await feed.hand_back(lost)
        assert await _claim(store, _ONE, after=_LEASE) == (), "the claim of the other holds"
        await feed.park(lost, "late")
        assert await feed.parked(_ONE, 10) == ()
        await feed.acknowledge(lost)
        (newest,) = await _claim(store, _ONE, after=2 * _LEASE)
        assert newest == Delivery(_ONE, event, 3)
        await feed.acknowledge(newest)
        await feed.acknowledge(newest)
        assert await _claim(store, _ONE, after=10 * _LEASE) == ()

    async def test_a_failure_is_tried_again_later(self, store: StoreUnderTest) -> None:
        """What follows of the same booking waits; other bookings go on."""
        booking = new_id()
        await _tell(store, [_placed(booking), _cancelled(booking)])
        (failed,) = await _claim(store, _ONE)
        later = timedelta(seconds=5)
        await store.event_feed.postpone(failed, _NOW + later, "no connection")
        other = _placed()
        await _tell(store, [other])
        assert await _heard(store, _ONE) == [other]
        assert await _claim(store, _ONE, after=later - timedelta(microseconds=1)) == ()
        (again,) = await _claim(store, _ONE, after=later)
        assert again == Delivery(_ONE, failed.recorded, 2)

    async def test_a_parked_event_stays_with_its_error(self, store: StoreUnderTest) -> None:
        """It is not tried again, and what follows of its booking goes on."""
        booking = new_id()
        poison, after = _placed(booking), _cancelled(booking)
        await _tell(store, [poison, after])
        (failed,) = await _claim(store, _ONE)
        await store.event_feed.park(failed, "ValueError: “no”")
        assert await store.event_feed.parked(_ONE, 10) == (
            ParkedEvent(poison, 1, "ValueError: “no”"),
        )
        assert await store.event_feed.parked(_ONE, 0) == ()
        assert await store.event_feed.parked(_OTHER, 10) == ()
        await store.event_feed.acknowledge(failed)
        assert await _heard(store, _ONE) == [after]
        assert len(await store.event_feed.parked(_ONE, 10)) == 1

    async def test_what_is_handed_back_was_not_tried(self, store: StoreUnderTest) -> None:
        """Another server has it at once, and no attempt is counted."""
        event = _placed()
        await _tell(store, [event])
        (claimed,) = await _claim(store, _ONE)
        await store.event_feed.hand_back(claimed)
        assert await _claim(store, _ONE) == (Delivery(_ONE, event, 1),)

    async def test_an_event_keeps_the_trace_it_belongs_to(self, store: StoreUnderTest) -> None:
        """Whoever is told goes on with it; an event that nobody traced has none."""
        traced = replace(_placed(), trace_context=f"00-{'4b' * 16}-{'f0' * 8}-01")
        await _tell(store, [traced, _placed()])
        assert [one.trace_context for one in await _heard(store, _ONE)] == [
            traced.trace_context,
            None,
        ]
        assert (await store.events())[0] == traced

    async def test_a_backlog_is_what_is_neither_heard_nor_parked(
        self, store: StoreUnderTest
    ) -> None:
        """It names the oldest, claimed or not; another subscriber's is its own."""
        later = replace(_cancelled(), at=_NOW + timedelta(minutes=1))
        await _tell(store, [_placed(), later])
        assert await store.event_feed.backlog([_ONE, _OTHER, "example/nobody"]) == {
            _ONE: Backlog(2, _NOW, 0),
            _OTHER: Backlog(1, later.at, 0),
            "example/nobody": Backlog(0, None, 0),
        }
        first, second = await _claim(store, _ONE)
        await store.event_feed.park(first, "no")
        assert (await store.event_feed.backlog([_ONE]))[_ONE] == Backlog(1, later.at, 1)
        await store.event_feed.acknowledge(second)
        assert (await store.event_feed.backlog([_ONE]))[_ONE] == Backlog(0, None, 1)
        assert await store.event_feed.backlog([]) == {}


def _placed(booking_id: UUID | None = None) -> RecordedEvent:
    booking = booking_id or new_id()
    return a_recorded_event(BookingPlaced(booking, BookingStatus.ASSIGNED, new_id(), new_id()))


def _cancelled(booking_id: UUID | None = None) -> RecordedEvent:
    return a_recorded_event(BookingCancelled(booking_id or new_id(), None, None))


async def _tell(store: StoreUnderTest, events: Told, audience: Audience = _BOOKINGS) -> None:
    async with store.unit_of_work() as unit:
        await unit.outbox.add(events, audience)
        await unit.commit()


async def _claim(
    store: StoreUnderTest, subscriber: str, limit: int = 100, after: timedelta = timedelta(0)
) -> tuple[Delivery, ...]:
    now = _NOW + after
    return await store.event_feed.claim(subscriber, now, now + _LEASE, limit)


async def _heard(store: StoreUnderTest, subscriber: str) -> Told:
    claimed = await _claim(store, subscriber)
    for delivery in claimed:
        await store.event_feed.acknowledge(delivery)
    return [delivery.recorded for delivery in claimed]
