"""The conformance suite of replays: ranges of events that are told once more."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from muster.domain.events import BookingCancelled, BookingPlaced, FranchiseCreated
from muster.ports.event_feed import Delivery, ParkedEvent
from muster.ports.event_replays import EventRange, Passage, Replay, ReplayOrder
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import new_id
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.telling import (
    LEASE,
    NOW,
    ONE,
    OTHER,
    Told,
    a_cancellation,
    a_placing,
    an_event_at,
    tell,
)

__all__ = ["EventReplaySuite"]

ALL = EventRange()
KINDS = (BookingPlaced, BookingCancelled, FranchiseCreated)


class EventReplaySuite(StoreSuite):
    """Holds an ``EventReplays`` to its port."""

    async def test_where_nothing_happened_nothing_lies(self, store: StoreUnderTest) -> None:
        """``span`` is ``None`` where no event is, before the first and after the last one."""
        assert await store.event_replays.span(ALL) is None
        await tell(store, [a_placing()], {})
        assert await store.event_replays.span(EventRange(first=1_000_000)) is None
        long_ago = EventRange(until=NOW - timedelta(days=3_000))
        assert await store.event_replays.span(long_ago) is None

    async def test_a_range_is_told_in_order(self, store: StoreUnderTest) -> None:
        """Whoever was to be told before; to the end, and then it is finished."""
        events = [a_placing(), a_cancellation(), a_recorded_event()]
        await tell(store, events, {})
        replay = await _begun(store)
        assert await store.event_replays.running(10) == (replay,)
        passage = await _taken(store)
        assert [one for _, one in passage.events] == events
        assert (passage.attempt, passage.after) == (1, replay.order.span.first - 1)
        await store.event_replays.advance(passage, passage.reaches)
        assert await store.event_replays.running(10) == ()
        assert await _claimed(store) is None

    async def test_what_is_stored_later_does_not_belong(self, store: StoreUnderTest) -> None:
        """A replay ends where the events ended when it was asked for."""
        events = [a_placing(), a_placing()]
        await tell(store, events, {})
        await _begun(store)
        await tell(store, [a_placing()], {})
        assert await _replayed(store) == events

    async def test_positions_and_instants_bound_it(self, store: StoreUnderTest) -> None:
        """Each bound that is given holds: from then on, before then, both positions too."""
        hour = timedelta(hours=1)
        events = [an_event_at(NOW + number * hour) for number in range(6)]
        await tell(store, events, {})
        places = await _places_of(store)
        for wanted, expected in (
            (EventRange(since=NOW + 2 * hour), events[2:]),
            (EventRange(until=NOW + 2 * hour), events[:2]),
            (EventRange(since=NOW + hour, until=NOW + 5 * hour), events[1:5]),
            (EventRange(first=places[2], last=places[3]), events[2:4]),
            (EventRange(since=NOW + 3 * hour, last=places[3]), events[3:4]),
            (EventRange(first=1, last=places[5] + 1_000), events),
        ):
            await _begun(store, wanted)
            assert await _replayed(store) == expected, wanted

    async def test_only_what_the_subscriber_wants_to_hear(self, store: StoreUnderTest) -> None:
        """Of other kinds nothing comes, and they are passed."""
        events = [a_placing(), a_cancellation(), a_placing(), a_cancellation()]
        await tell(store, events, {})
        await _begun(store)
        assert await _replayed(store, kinds=(BookingCancelled,)) == [events[1], events[3]]
        assert await store.event_replays.running(10) == ()

    async def test_one_event_of_a_subject_at_a_time(self, store: StoreUnderTest) -> None:
        """A passage ends before the second one of a booking; each is in its order."""
        one, other = new_id(), new_id()
        events = [
            a_placing(one),
            a_placing(other),
            a_cancellation(other),
            a_cancellation(one),
            a_placing(),
        ]
        await tell(store, events, {})
        await _begun(store)
        passages = await _passages_of(store)
        assert [len(each.events) for each in passages] == [2, 3]
        assert _told_in(passages) == events

    async def test_a_limit_bounds_a_passage(self, store: StoreUnderTest) -> None:
        """The rest comes next, and nothing twice."""
        events = [a_placing() for _ in range(5)]
        await tell(store, events, {})
        await _begun(store)
        passages = await _passages_of(store, limit=2)
        assert [len(each.events) for each in passages] == [2, 2, 1]
        assert _told_in(passages) == events

    async def test_servers_that_claim_at_once_get_it_once(self, store: StoreUnderTest) -> None:
        """One has the passage, the others nothing until it is settled or its time is over."""
        await tell(store, [a_placing() for _ in range(3)], {})
        await _begun(store)
        every = await asyncio.gather(*(_claimed(store) for _ in range(5)))
        (one,) = [each for each in every if each is not None]
        assert await _claimed(store) is None
        again = await _claimed(store, after=LEASE)
        assert again is not None
        assert (again.attempt, again.after) == (2, one.after)

    async def test_the_oldest_goes_first(self, store: StoreUnderTest) -> None:
        """Of several for one subscriber; another subscriber's goes on beside it."""
        events = [a_placing(), a_placing()]
        await tell(store, events, {})
        first, last = await _places_of(store)
        await _begun(store, EventRange(first=last))
        await _begun(store, EventRange(last=first))
        await _begun(store, subscriber=OTHER)
        passage = await _taken(store)
        assert [one for _, one in passage.events] == events[1:]
        assert await _claimed(store) is None
        assert [one for _, one in (await _taken(store, OTHER)).events] == events
        await store.event_replays.advance(passage, passage.reaches)
        assert await _replayed(store) == events[:1]

    async def test_the_same_that_runs_is_the_same_one(self, store: StoreUnderTest) -> None:
        """Even where more was stored meanwhile; another subscriber or range is another one."""
        await tell(store, [a_placing()], {})
        replay = await _begun(store)
        passage = await _taken(store)
        await tell(store, [a_placing()], {})
        again = await _begun(store)
        assert (again.order, again.attempts) == (replay.order, 1)
        assert (await _begun(store, subscriber=OTHER)).order.id != replay.order.id
        assert (await _begun(store, EventRange(first=1))).order.id != replay.order.id
        await store.event_replays.advance(passage, passage.reaches)
        assert (await _begun(store)).order.id != replay.order.id, "the other one is finished"

    async def test_asked_for_at_once_it_is_one(self, store: StoreUnderTest) -> None:
        """Of several units that begin the same, each is answered the one that is there."""
        await tell(store, [a_placing()], {})
        every = await asyncio.gather(*(_begun(store) for _ in range(5)))
        assert len({one.order.id for one in every}) == 1
        assert len(await store.event_replays.running(10)) == 1

    async def test_a_rollback_begins_nothing(self, store: StoreUnderTest) -> None:
        """It begins with the commit of the unit that asked."""
        await tell(store, [a_placing()], {})
        async with store.unit_of_work() as unit:
            await store.event_replays.begin(unit, await _an_order(store))
        assert await store.event_replays.running(10) == ()
        assert await _claimed(store) is None

    async def test_a_failure_is_tried_again_alone(self, store: StoreUnderTest) -> None:
        """What was heard before it is not told again; what follows waits for it."""
        events = [a_placing() for _ in range(4)]
        await tell(store, events, {})
        await _begun(store)
        first = await _taken(store)
        until = NOW + timedelta(minutes=1)
        before_third = first.events[2][0] - 1
        await store.event_replays.postpone(first, before_third, until, "ValueError: “no”")
        (running,) = await store.event_replays.running(10)
        assert (running.attempts, running.error) == (1, "ValueError: “no”")
        assert running.position == before_third
        assert await _claimed(store) is None, "it is not due"
        again = await _taken(store, after=timedelta(minutes=1))
        assert (again.attempt, [one for _, one in again.events]) == (2, events[2:3])
        await store.event_replays.postpone(again, again.after, until, "no")
        third = await _taken(store, after=timedelta(minutes=1))
        assert third.attempt == 3
        await store.event_replays.advance(third, third.reaches)
        assert await _replayed(store) == events[3:]

    async def test_what_is_given_up_is_parked(self, store: StoreUnderTest) -> None:
        """With those of the feed, once, unless the subscriber is to be told of it anyway."""
        parked, waiting = a_placing(), a_placing()
        await tell(store, [parked], {})
        await tell(store, [waiting], {BookingPlaced: [ONE]})
        await _begun(store)
        passage = await _taken(store)
        given_up = [ParkedEvent(ONE, one, 3, "no") for one in (parked, waiting)]
        await store.event_replays.advance(passage, passage.reaches, given_up)
        assert await store.event_feed.parked(ONE, 10) == tuple(given_up[:1])
        live = await store.event_feed.claim(ONE, NOW, NOW + LEASE, 10)
        assert live == (Delivery(ONE, waiting, 1),)

    async def test_a_stale_server_settles_nothing(self, store: StoreUnderTest) -> None:
        """Once the passage was claimed again, whatever it says changes nothing."""
        await tell(store, [a_placing(), a_placing()], {})
        await _begun(store)
        stale = await _taken(store)
        newest = await _taken(store, after=LEASE)
        (before,) = await store.event_replays.running(10)
        given_up = ParkedEvent(ONE, stale.events[0][1], 1, "no")
        await store.event_replays.advance(stale, stale.reaches, [given_up])
        await store.event_replays.postpone(stale, stale.after, NOW, "no")
        await store.event_replays.hand_back(stale)
        assert await store.event_replays.running(10) == (before,)
        assert await store.event_feed.parked(ONE, 10) == ()
        await store.event_replays.advance(newest, newest.reaches)
        assert len(await _replayed(store)) == 1

    async def test_what_is_handed_back_counts_as_not_tried(self, store: StoreUnderTest) -> None:
        """The next one gets it at once, as the first."""
        await tell(store, [a_placing()], {})
        await _begun(store)
        passage = await _taken(store)
        await store.event_replays.hand_back(passage)
        assert await _taken(store) == passage

    async def test_what_is_still_to_be_told_is_not_forgotten(self, store: StoreUnderTest) -> None:
        """However old; what was told or lies after it goes, and no position moves."""
        events = [a_placing() for _ in range(5)]
        await tell(store, events, {})
        places = await _places_of(store)
        await _begun(store, EventRange(first=places[1], last=places[3]))
        passage = await _taken(store)
        await store.event_replays.advance(passage, places[1])
        assert await store.event_feed.forget(NOW + LEASE, 100) == 3
        assert await store.events() == events[2:4]
        assert await _places_of(store) == places[2:4]
        assert await _replayed(store) == events[2:4]
        assert await store.event_feed.forget(NOW + LEASE, 100) == 2

    async def test_it_touches_nothing_live(self, store: StoreUnderTest) -> None:
        """Whoever waits to be told live is told live, too."""
        event = a_placing()
        await tell(store, [event])
        await _begun(store)
        assert await _replayed(store) == [event]
        live = await store.event_feed.claim(ONE, NOW, NOW + LEASE, 10)
        assert [one.recorded for one in live] == [event]


async def _an_order(
    store: StoreUnderTest, wanted: EventRange = ALL, subscriber: str = ONE
) -> ReplayOrder:
    span = await store.event_replays.span(wanted)
    assert span is not None
    return ReplayOrder(new_id(), subscriber, wanted, span, NOW)


async def _begun(store: StoreUnderTest, wanted: EventRange = ALL, subscriber: str = ONE) -> Replay:
    order = await _an_order(store, wanted, subscriber)
    async with store.unit_of_work() as unit:
        replay = await store.event_replays.begin(unit, order)
        await unit.commit()
    return replay


async def _claimed(
    store: StoreUnderTest,
    subscriber: str = ONE,
    limit: int = 100,
    after: timedelta = timedelta(0),
    kinds: Sequence[type] = KINDS,
) -> Passage | None:
    now = NOW + after
    return await store.event_replays.claim(subscriber, kinds, now, now + LEASE, limit)


async def _taken(
    store: StoreUnderTest, subscriber: str = ONE, after: timedelta = timedelta(0)
) -> Passage:
    passage = await _claimed(store, subscriber, after=after)
    assert passage is not None
    return passage


async def _passages_of(
    store: StoreUnderTest, limit: int = 100, kinds: Sequence[type] = KINDS
) -> list[Passage]:
    """Hear everything that is left."""
    passages = []
    while (passage := await _claimed(store, limit=limit, kinds=kinds)) is not None:
        await store.event_replays.advance(passage, passage.reaches)
        passages.append(passage)
    return passages


def _told_in(passages: Sequence[Passage]) -> Told:
    return [one for each in passages for _, one in each.events]


async def _replayed(store: StoreUnderTest, kinds: Sequence[type] = KINDS) -> Told:
    return _told_in(await _passages_of(store, kinds=kinds))


async def _places_of(store: StoreUnderTest) -> list[int]:
    """The positions of all events."""
    await _begun(store, subscriber=OTHER)
    passage = await _taken(store, OTHER)
    await store.event_replays.advance(passage, passage.reaches)
    return [place for place, _ in passage.events]
