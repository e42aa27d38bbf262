"""The conformance suite of what subscribers have not heard yet."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from msgspec.structs import replace

from muster.domain.events import (
    CertificateIssued,
    Event,
    FranchiseCreated,
    TrainerBlocked,
    ZoneCreated,
)
from muster.ports.event_feed import Backlog, Delivery
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import new_id
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.telling import (
    BOOKINGS,
    LEASE,
    NOW,
    ONE,
    OTHER,
    a_cancellation,
    a_placing,
    claim,
    heard,
    tell,
)

__all__ = ["EventFeedSuite"]


class EventFeedSuite(StoreSuite):
    """Holds an ``EventFeed``, and ``Outbox.add`` with an audience, to their ports."""

    async def test_only_the_audience_is_told(self, store: StoreUnderTest) -> None:
        """Each subscriber hears what it wants to, exactly as it was stored, and nothing else."""
        placed, cancelled, zone = (
            a_placing(),
            a_cancellation(),
            a_recorded_event(ZoneCreated(new_id(), 1)),
        )
        await tell(store, [placed, zone, cancelled])
        assert await heard(store, ONE) == [placed, cancelled]
        assert await heard(store, OTHER) == [cancelled]
        assert await heard(store, "example/nobody") == []
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
        await tell(store, recorded, {type(event): [ONE] for event in kinds})
        assert await heard(store, ONE) == recorded

    async def test_what_is_undone_is_not_told(self, store: StoreUnderTest) -> None:
        """Nor is what has not committed yet."""
        async with store.unit_of_work() as unit:
            await unit.outbox.add([a_placing()], BOOKINGS)
            assert await claim(store, ONE) == ()
        assert await claim(store, ONE) == ()

    async def test_a_later_commit_of_an_earlier_event_is_not_passed_over(
        self, store: StoreUnderTest
    ) -> None:
        """Of two open units the second commits first, and is heard before the first commits."""
        early, late = a_placing(), a_placing()
        async with store.unit_of_work() as unit, store.unit_of_work() as other:
            await unit.outbox.add([early], BOOKINGS)
            await other.outbox.add([late], BOOKINGS)
            await other.commit()
            assert await heard(store, ONE) == [late]
            await unit.commit()
        assert await heard(store, ONE) == [early]

    async def test_the_events_of_a_booking_come_one_after_another(
        self, store: StoreUnderTest
    ) -> None:
        """The next one can be claimed once the one before it was heard; others do not wait."""
        booking, another = new_id(), new_id()
        first, second = a_placing(booking), a_cancellation(booking)
        alone = a_placing(another)
        await tell(store, [first])
        await tell(store, [second, alone])
        one, two = await claim(store, ONE)
        assert [one.recorded, two.recorded] == [first, alone]
        assert await claim(store, ONE) == ()
        await store.event_feed.acknowledge(two)
        assert await claim(store, ONE) == ()
        assert await heard(store, OTHER) == [second], "subscribers do not wait for each other"
        await store.event_feed.acknowledge(one)
        assert await heard(store, ONE) == [second]

    async def test_a_certificate_is_told_with_its_booking(self, store: StoreUnderTest) -> None:
        """It is about the booking, although it has an id of its own."""
        booking = new_id()
        placed = a_placing(booking)
        issued = a_recorded_event(CertificateIssued(new_id(), booking, new_id()))
        await tell(store, [placed, issued], {**BOOKINGS, CertificateIssued: [ONE]})
        (claimed,) = await claim(store, ONE)
        assert claimed.recorded == placed

    async def test_no_more_is_claimed_than_asked_for(self, store: StoreUnderTest) -> None:
        """The oldest first; the rest stays for the next."""
        events = [a_placing() for _ in range(5)]
        await tell(store, events)
        claimed = await claim(store, ONE, limit=3)
        assert [delivery.recorded for delivery in claimed] == events[:3]
        assert [delivery.recorded for delivery in await claim(store, ONE)] == events[3:]

    async def test_claimed_at_once_each_goes_to_one(self, store: StoreUnderTest) -> None:
        """Servers share the work; so many events that the claims do meet."""
        events = [a_placing() for _ in range(400)]
        await tell(store, events)
        await asyncio.gather(*(claim(store, OTHER) for _ in range(8)))
        shares = await asyncio.gather(*(claim(store, ONE, limit=100) for _ in range(8)))
        shares.append(await claim(store, ONE, limit=400))
        ids = [delivery.recorded.id for share in shares for delivery in share]
        assert sorted(ids, key=lambda id_: id_.int) == [event.id for event in events]

    async def test_what_a_dead_server_had_is_claimed_again(self, store: StoreUnderTest) -> None:
        """From the instant that its claim named, and that counts as another attempt."""
        event = a_placing()
        await tell(store, [event])
        (lost,) = await claim(store, ONE)
        assert lost == Delivery(ONE, event, 1)
        assert await claim(store, ONE, after=LEASE - timedelta(microseconds=1)) == ()
        assert await claim(store, ONE, after=LEASE) == (Delivery(ONE, event, 2),)

    async def test_a_claim_that_was_lost_settles_nothing(self, store: StoreUnderTest) -> None:
        """What comes late says nothing about the attempt that is under way."""
        event = a_placing()
        await tell(store, [event])
        (lost,) = await claim(store, ONE)
        await claim(store, ONE, after=LEASE)
        feed = store.event_feed
        await feed.postpone(lost, NOW, "late")
        await feed.hand_back(lost)
        assert await claim(store, ONE, after=LEASE) == (), "the claim of the other holds"
        await feed.park(lost, "late")
        assert await feed.parked(ONE, 10) == ()
        await feed.acknowledge(lost)
        (newest,) = await claim(store, ONE, after=2 * LEASE)
        assert newest == Delivery(ONE, event, 3)
        await feed.acknowledge(newest)
        await feed.acknowledge(newest)
        assert await claim(store, ONE, after=10 * LEASE) == ()

    async def test_a_failure_is_tried_again_later(self, store: StoreUnderTest) -> None:
        """What follows of the same booking waits; other bookings go on."""
        booking = new_id()
        await tell(store, [a_placing(booking), a_cancellation(booking)])
        (failed,) = await claim(store, ONE)
        later = timedelta(seconds=5)
        await store.event_feed.postpone(failed, NOW + later, "no connection")
        other = a_placing()
        await tell(store, [other])
        assert await heard(store, ONE) == [other]
        assert await claim(store, ONE, after=later - timedelta(microseconds=1)) == ()
        (again,) = await claim(store, ONE, after=later)
        assert again == Delivery(ONE, failed.recorded, 2)

    async def test_what_is_handed_back_was_not_tried(self, store: StoreUnderTest) -> None:
        """Another server has it at once, and no attempt is counted."""
        event = a_placing()
        await tell(store, [event])
        (claimed,) = await claim(store, ONE)
        await store.event_feed.hand_back(claimed)
        assert await claim(store, ONE) == (Delivery(ONE, event, 1),)

    async def test_an_event_keeps_the_trace_it_belongs_to(self, store: StoreUnderTest) -> None:
        """Whoever is told goes on with it; an event that nobody traced has none."""
        traced = replace(a_placing(), trace_context=f"00-{'4b' * 16}-{'f0' * 8}-01")
        await tell(store, [traced, a_placing()])
        assert [one.trace_context for one in await heard(store, ONE)] == [
            traced.trace_context,
            None,
        ]
        assert (await store.events())[0] == traced

    async def test_old_events_of_which_nobody_is_to_be_told_are_forgotten(
        self, store: StoreUnderTest
    ) -> None:
        """The oldest first; what waits or is parked is told however old it is."""
        old = [replace(a_placing(), at=NOW - timedelta(days=days)) for days in (1, 3, 2)]
        waiting = replace(a_cancellation(), at=NOW - timedelta(days=9))
        late = a_placing()
        await tell(store, old, {})
        await tell(store, [waiting, late])
        (parked,) = await claim(store, OTHER)
        await store.event_feed.park(parked, "no")
        assert await heard(store, ONE) == [waiting, late]
        assert await store.event_feed.forget(NOW, 1) == 1
        assert await store.events() == [old[0], old[2], waiting, late]
        assert await store.event_feed.forget(NOW, 100) == 2
        assert await store.event_feed.forget(NOW, 100) == 0
        assert await store.events() == [waiting, late]
        await store.event_feed.unpark(OTHER)
        assert await heard(store, OTHER) == [waiting]
        assert await store.event_feed.forget(NOW, 100) == 1
        assert await store.events() == [late]

    async def test_a_backlog_is_what_is_neither_heard_nor_parked(
        self, store: StoreUnderTest
    ) -> None:
        """It names the oldest, claimed or not; another subscriber's is its own."""
        later = replace(a_cancellation(), at=NOW + timedelta(minutes=1))
        await tell(store, [a_placing(), later])
        assert await store.event_feed.backlog([ONE, OTHER, "example/nobody"]) == {
            ONE: Backlog(2, NOW, 0),
            OTHER: Backlog(1, later.at, 0),
            "example/nobody": Backlog(0, None, 0),
        }
        first, second = await claim(store, ONE)
        await store.event_feed.park(first, "no")
        assert (await store.event_feed.backlog([ONE]))[ONE] == Backlog(1, later.at, 1)
        await store.event_feed.acknowledge(second)
        assert (await store.event_feed.backlog([ONE]))[ONE] == Backlog(0, None, 1)
        assert await store.event_feed.backlog([]) == {}
