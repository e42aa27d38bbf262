"""The replayer: order, retries, parking, what it leaves alone, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from muster.domain.bookings import BookingStatus
from muster.domain.events import BookingCancelled, BookingPlaced
from muster.plugin_api import EventSubscriber, PortLookup, RecordedEvent
from muster.ports.event_replays import EventRange, Replay, ReplayOrder
from muster.runtime.event_composition import Subscription
from muster.runtime.event_replayer import EventReplayer
from muster.runtime.event_tellers import telling
from muster.runtime.settings import EventSettings
from muster.testing.clock import FakeClock
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import AN_INSTANT, new_id
from muster_memory.event_feed import MemoryEventFeed
from muster_memory.event_replays import MemoryEventReplays
from muster_memory.store import MemoryStore
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory
from tests.unit.runtime.test_event_relay import Listener, NoPorts, cancelled, placed, until

pytestmark = pytest.mark.anyio

NAME = "a/listener"
SETTINGS = EventSettings(poll_seconds=0.001, retry_seconds=2.0)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Stage:
    """One server's replayer on a memory store, and its subscriber."""

    def __init__(self, handle: Callable[..., object], **subscriber: object) -> None:
        self.store = MemoryStore()
        self.clock = FakeClock(AN_INSTANT)
        self.replays = MemoryEventReplays(self.store)
        self.feed = MemoryEventFeed(self.store)
        one = EventSubscriber("listener", handle, max_attempts=3, **subscriber)  # type: ignore[arg-type]
        self.subscriptions = [Subscription(NAME, one)]

    def replayer(self) -> EventReplayer:
        return EventReplayer(self.subscriptions, self.replays, self.clock, NoPorts(), SETTINGS)

    async def replay(self, *events: RecordedEvent) -> None:
        """Store events that nobody is told live, and ask for all of them once more."""
        units = MemoryUnitOfWorkFactory(self.store)
        async with units() as unit:
            await unit.outbox.add(events, {})
            await unit.commit()
        span = await self.replays.span(EventRange())
        assert span is not None
        async with units() as unit:
            order = ReplayOrder(new_id(), NAME, EventRange(), span, AN_INSTANT)
            await self.replays.begin(unit, order)
            await unit.commit()

    def rows(self) -> list[Replay]:
        return [one.replay for one in self.store.replays.all()]

    def failed(self, attempts: int, pause: int) -> bool:
        """Whether that many attempts have ended, and the next one waits for so many seconds."""
        (row,) = self.store.replays.all()
        again_at = self.clock.now() + timedelta(seconds=pause)
        return row.replay.attempts == attempts and row.due_at == again_at

    def finished(self) -> bool:
        return not self.rows()


async def test_it_is_heard_in_order_with_the_ids_of_before() -> None:
    listener = Listener()
    stage = Stage(listener.hear)
    booking = new_id()
    events = [placed(booking), cancelled(booking), placed()]
    await stage.replay(*events)
    async with telling(stage.replayer().tellers):
        await until(stage.finished)
    assert listener.heard == [one.id for one in events]
    assert {one["correlation_id"] for one in listener.contexts} == {events[0].correlation_id}


async def test_only_what_the_subscriber_wants() -> None:
    listener = Listener()
    stage = Stage(listener.hear, events=(BookingCancelled,))
    booking = new_id()
    events = [placed(booking), cancelled(booking), placed()]
    await stage.replay(*events)
    async with telling(stage.replayer().tellers):
        await until(stage.finished)
    assert listener.heard == [events[1].id]


async def test_what_follows_waits_for_a_failure_and_is_told_once_more_at_most() -> None:
    """The pause doubles; what was heard before is not told again."""
    listener = Listener()
    stage = Stage(listener.hear)
    events = [placed() for _ in range(5)]
    booking: UUID = events[2].event.booking_id  # type: ignore[union-attr]
    listener.failures[booking] = 2
    await stage.replay(*events)
    async with telling(stage.replayer().tellers):
        for attempt, pause in ((1, 2), (2, 4)):
            await until(partial(stage.failed, attempt, pause))
            assert stage.rows()[0].position == 2
            stage.clock.advance(timedelta(seconds=pause))
        await until(stage.finished)
    ids = [one.id for one in events]
    assert [listener.heard.count(one) for one in ids] == [1, 1, 1, 2, 2]
    assert listener.heard[-3:] == ids[2:]


async def test_what_fails_too_often_is_parked_and_the_rest_goes_on() -> None:
    listener = Listener()
    stage = Stage(listener.hear)
    events = [placed() for _ in range(3)]
    booking: UUID = events[1].event.booking_id  # type: ignore[union-attr]
    listener.failures[booking] = 99
    await stage.replay(*events)
    async with telling(stage.replayer().tellers):
        async with asyncio.timeout(20):
            while not stage.finished():
                stage.clock.advance(timedelta(seconds=1))
                await asyncio.sleep(0.001)
    (parked,) = await stage.feed.parked(NAME, 10)
    assert (parked.recorded, parked.attempts) == (events[1], 3)
    assert parked.error.startswith("ValueError: not")
    assert events[2].id in listener.heard


async def test_one_that_kills_its_servers_is_parked_without_being_told() -> None:
    """Attempts count when they are claimed."""
    listener = Listener()
    stage = Stage(listener.hear)
    await stage.replay(placed())
    now = stage.clock.now()
    for _ in range(3):
        assert await stage.replays.claim(NAME, (BookingPlaced,), now, now, 32) is not None
    async with telling(stage.replayer().tellers):
        await until(stage.finished)
    assert listener.heard == []
    (parked,) = await stage.feed.parked(NAME, 10)
    assert parked.error == "No attempt ended: its server ended first."


async def test_at_its_end_it_hands_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster.runtime.event_tellers._GRACE_SECONDS", 0.01)
    begun = asyncio.Event()

    async def never(recorded: RecordedEvent, ports: PortLookup) -> None:
        begun.set()
        await asyncio.Event().wait()

    stage = Stage(never)
    await stage.replay(a_recorded_event(BookingPlaced(new_id(), BookingStatus.PENDING, None, None)))
    async with telling(stage.replayer().tellers):
        await begun.wait()
    (row,) = stage.rows()
    assert (row.attempts, row.position) == (0, 0)
