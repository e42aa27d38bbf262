"""The conformance suite of events that were parked, and what operators do with them."""

from __future__ import annotations

from muster.ports.event_feed import Delivery, ParkedEvent
from muster.testing.examples import new_id
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.telling import (
    LEASE,
    ONE,
    OTHER,
    a_cancellation,
    a_placing,
    claim,
    heard,
    park,
    tell,
)

__all__ = ["ParkedEventSuite"]


class ParkedEventSuite(StoreSuite):
    """Holds an ``EventFeed`` to its port where it gives up, and where that is taken back."""

    async def test_a_parked_event_stays_with_its_error(self, store: StoreUnderTest) -> None:
        """It is not tried again, and what follows of its booking goes on."""
        booking = new_id()
        poison, after = a_placing(booking), a_cancellation(booking)
        await tell(store, [poison, after])
        (failed,) = await claim(store, ONE)
        await store.event_feed.park(failed, "ValueError: “no”")
        assert await store.event_feed.parked(ONE, 10) == (
            ParkedEvent(ONE, poison, 1, "ValueError: “no”"),
        )
        assert await store.event_feed.parked(ONE, 0) == ()
        assert await store.event_feed.parked(OTHER, 10) == ()
        await store.event_feed.acknowledge(failed)
        assert await heard(store, ONE) == [after]
        assert len(await store.event_feed.parked(ONE, 10)) == 1

    async def test_what_is_parked_for_everybody_comes_in_order(self, store: StoreUnderTest) -> None:
        """Also of subscribers whom nobody names any more."""
        first, second = a_cancellation(), a_cancellation()
        await tell(store, [first, second])
        for subscriber in (OTHER, ONE):
            for delivery in await claim(store, subscriber):
                await store.event_feed.park(delivery, f"{subscriber} is deaf")
        everything = await store.event_feed.parked(None, 10)
        assert [one.recorded for one in everything] == [first, first, second, second]
        assert {one.subscriber: one.error for one in everything} == {
            ONE: f"{ONE} is deaf",
            OTHER: f"{OTHER} is deaf",
        }
        assert await store.event_feed.parked(None, 3) == everything[:3]

    async def test_an_unparked_event_is_told_again(self, store: StoreUnderTest) -> None:
        """As if for the first time, and before what follows of its booking; no other is."""
        booking = new_id()
        poison, after, other = a_placing(booking), a_cancellation(booking), a_placing()
        await tell(store, [poison, after, other])
        await park(store, ONE, attempts=2)
        feed = store.event_feed
        assert await feed.unpark(ONE, [poison.id, after.id, new_id()]) == {poison.id}
        assert [one.recorded for one in await feed.parked(ONE, 10)] == [other]
        assert await feed.unpark(ONE, [poison.id]) == frozenset(), "it is parked no more"
        (again,) = await claim(store, ONE)
        assert again == Delivery(ONE, poison, 1)
        await feed.acknowledge(again)
        assert await heard(store, ONE) == [after]

    async def test_what_is_being_told_is_not_unparked_or_dropped(
        self, store: StoreUnderTest
    ) -> None:
        """Nor what waits: only what is parked."""
        booking = new_id()
        await tell(store, [a_placing(booking), a_cancellation(booking)])
        (claimed,) = await claim(store, ONE)
        assert await store.event_feed.unpark(ONE) == frozenset()
        assert await store.event_feed.drop(ONE) == frozenset()
        assert await claim(store, ONE) == (), "the claim holds"
        await store.event_feed.acknowledge(claimed)
        assert len(await heard(store, ONE)) == 1

    async def test_a_dropped_event_is_never_told(self, store: StoreUnderTest) -> None:
        """To that subscriber; the event stays, and others hear of it."""
        first, second = a_cancellation(), a_cancellation()
        await tell(store, [first, second])
        await park(store, ONE)
        await park(store, OTHER)
        feed = store.event_feed
        assert await feed.drop(ONE, [first.id, new_id()]) == {first.id}
        assert await feed.drop(ONE, [first.id]) == frozenset()
        assert await feed.unpark(ONE, [first.id]) == frozenset()
        assert [one.recorded for one in await feed.parked(ONE, 10)] == [second]
        assert await feed.drop(ONE) == {second.id}
        assert await claim(store, ONE, after=10 * LEASE) == ()
        assert await feed.unpark(OTHER) == {first.id, second.id}
        assert await heard(store, OTHER) == [first, second]
        assert list(await store.events()) == [first, second]
