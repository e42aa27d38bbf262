"""The relay: retries, parking, order for each booking, isolation, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import pytest
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from muster.domain.bookings import BookingStatus
from muster.domain.events import BookingCancelled, BookingPlaced
from muster.plugin_api import EventSubscriber, PortLookup, RecordedEvent
from muster.ports.event_feed import Delivery
from muster.ports.keys import PortKey
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.runtime.event_composition import Subscription, audience_of
from muster.runtime.event_relay import EventRelay
from muster.runtime.settings import EventSettings
from muster.testing.clock import FakeClock
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import AN_INSTANT, new_id
from muster_memory.event_feed import MemoryEventFeed
from muster_memory.store import MemoryStore
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory

pytestmark = pytest.mark.anyio

P = TypeVar("P")

SETTINGS = EventSettings(poll_seconds=0.001, retry_seconds=2.0)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class NoPorts(PortLookup):
    def get(self, port: PortKey[P]) -> P:
        raise NotImplementedError


class Listener:
    """Hears; and fails to as often as it is told to, for a booking."""

    def __init__(self) -> None:
        self.heard: list[UUID] = []
        self.failures: dict[UUID, int] = {}
        self.contexts: list[dict[str, Any]] = []

    async def hear(self, recorded: RecordedEvent, ports: PortLookup) -> None:
        await asyncio.sleep(0)
        booking: UUID = recorded.event.booking_id  # type: ignore[union-attr]
        if self.failures.get(booking, 0) > 0:
            self.failures[booking] -= 1
            raise ValueError("not \x00 now \ud800 password=hush")
        self.contexts.append(get_contextvars())
        self.heard.append(recorded.id)


class Stage:
    """One server's relay on a memory store, and its subscribers."""

    def __init__(self, **handlers: Any) -> None:
        self.store = MemoryStore()
        self.clock = FakeClock(AN_INSTANT)
        self.feed = MemoryEventFeed(self.store)
        self.subscriptions = [
            Subscription(f"a/{name}", EventSubscriber(name, handle, max_attempts=3))
            for name, handle in handlers.items()
        ]

    def relay(self, feed: MemoryEventFeed | None = None) -> EventRelay:
        return EventRelay(self.subscriptions, feed or self.feed, self.clock, NoPorts(), SETTINGS)

    async def tell(self, *events: RecordedEvent) -> None:
        async with MemoryUnitOfWorkFactory(self.store)() as unit:
            await unit.outbox.add(events, audience_of(self.subscriptions))
            await unit.commit()

    def first_is_due(self, at: datetime) -> bool:
        return self.left()[0][1] == at

    def left(self) -> list[tuple[int, datetime | None]]:
        return [(row.attempts, row.due_at) for row in self.store.deliveries.values()]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.001)


def placed(booking: UUID | None = None) -> RecordedEvent:
    return a_recorded_event(BookingPlaced(booking or new_id(), BookingStatus.PENDING, None, None))


def cancelled(booking: UUID) -> RecordedEvent:
    return a_recorded_event(BookingCancelled(booking, None, None))


async def test_what_was_committed_is_heard_in_order_by_each() -> None:
    one, other = Listener(), Listener()
    stage = Stage(one=one.hear, other=other.hear)
    booking = new_id()
    events = [placed(booking), cancelled(booking), placed()]
    async with stage.relay().running():
        await stage.tell(*events)
        await until(lambda: not stage.store.deliveries)
    for listener in (one, other):
        assert sorted(map(str, listener.heard)) == sorted(str(event.id) for event in events)
        assert listener.heard.index(events[0].id) < listener.heard.index(events[1].id)
    assert {context["correlation_id"] for context in one.contexts} == {events[0].correlation_id}


async def test_a_failure_delays_its_booking_alone() -> None:
    moody, steady = Listener(), Listener()
    stage = Stage(moody=moody.hear, steady=steady.hear)
    booking = new_id()
    moody.failures[booking] = 2
    first, second, other = placed(booking), cancelled(booking), placed()
    async with stage.relay().running():
        await stage.tell(first, second, other)
        await until(lambda: moody.heard and len(steady.heard) == 3)
        assert moody.heard == [other.id]
        await until(lambda: stage.left() == [(1, AN_INSTANT + timedelta(seconds=2)), (0, None)])
        again = stage.clock.advance(timedelta(seconds=2))
        await until(lambda: stage.left() == [(2, again + timedelta(seconds=4)), (0, None)])
        stage.clock.advance(timedelta(seconds=4))
        await until(lambda: len(moody.heard) == 3)
    assert moody.heard == [other.id, first.id, second.id]
    assert await stage.feed.parked("a/moody", 10) == ()


async def test_after_the_last_attempt_it_is_parked_and_the_next_goes_on() -> None:
    moody = Listener()
    stage = Stage(moody=moody.hear)
    booking = new_id()
    moody.failures[booking] = 3
    first, second = placed(booking), cancelled(booking)
    with capture_logs() as lines:
        async with stage.relay().running():
            await stage.tell(first, second)
            for pause in (2, 4):
                due = stage.clock.now() + timedelta(seconds=pause)
                await until(partial(stage.first_is_due, due))
                stage.clock.set(due)
            await until(lambda: moody.heard)
    assert moody.heard == [second.id]
    (parked,) = await stage.feed.parked("a/moody", 10)
    assert (parked.recorded, parked.attempts, parked.error) == (
        first,
        3,
        "ValueError: not  now ? password=[redacted]",
    )
    assert [line["event"] for line in lines] == ["event_not_heard"] * 2 + ["event_parked"]
    assert lines[-1]["error"] == "ValueError", "its words stay in the database"


async def test_an_attempt_that_takes_too_long_has_failed() -> None:
    async def sleeps(recorded: RecordedEvent, ports: PortLookup) -> None:
        await asyncio.sleep(60)

    stage = Stage()
    slow = EventSubscriber("slow", sleeps, timeout_seconds=0.01, max_attempts=1)
    stage.subscriptions = [Subscription("a/slow", slow)]
    await stage.tell(placed())
    async with stage.relay().running():
        await until(lambda: any(row.parked for row in stage.store.deliveries.values()))
    (parked,) = await stage.feed.parked("a/slow", 10)
    assert parked.error.startswith("TimeoutError")


async def test_one_that_cancels_itself_has_failed() -> None:
    async def gives_up(recorded: RecordedEvent, ports: PortLookup) -> None:
        raise asyncio.CancelledError

    stage = Stage(quitter=gives_up)
    await stage.tell(placed())
    async with stage.relay().running():
        await until(lambda: stage.left() == [(1, AN_INSTANT + timedelta(seconds=2))])


async def test_what_killed_its_servers_too_often_is_parked_unheard() -> None:
    listener = Listener()
    stage = Stage(one=listener.hear)
    await stage.tell(placed())
    for _ in range(3):
        now = stage.clock.now()
        assert len(await stage.feed.claim("a/one", now, now + timedelta(seconds=1), 1)) == 1
        stage.clock.advance(timedelta(seconds=1))
    async with stage.relay().running():
        await until(lambda: any(row.parked for row in stage.store.deliveries.values()))
    assert listener.heard == []


async def test_what_a_dead_server_had_is_heard_by_the_next() -> None:
    listener = Listener()
    stage = Stage(one=listener.hear)
    event = placed()
    await stage.tell(event)
    now = stage.clock.now()
    assert len(await stage.feed.claim("a/one", now, now + timedelta(seconds=60), 1)) == 1
    async with stage.relay().running():
        await asyncio.sleep(0.01)
        assert listener.heard == [], "the claim of the dead one holds"
        stage.clock.advance(timedelta(seconds=60))
        await until(lambda: listener.heard == [event.id])


@pytest.mark.parametrize("finishes", [True, False], ids=["finishes", "hands back"])
async def test_at_its_end_it_finishes_or_hands_back(
    finishes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muster.runtime.event_tellers._GRACE_SECONDS", 10 if finishes else 0.01)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(recorded: RecordedEvent, ports: PortLookup) -> None:
        begun.set()
        await go_on.wait()

    stage = Stage(slow=waits)
    await stage.tell(placed())
    async with stage.relay().running():
        await begun.wait()
        if finishes:
            asyncio.get_running_loop().call_later(0.01, go_on.set)
    assert stage.left() == ([] if finishes else [(0, None)])


class Unsteady(MemoryEventFeed):
    """A feed that is away for some claims, and then for some settlements."""

    def __init__(self, store: MemoryStore, claims: int, settlements: int) -> None:
        super().__init__(store)
        self.claims = claims
        self.settlements = settlements

    async def claim(
        self, subscriber: str, now: datetime, until: datetime, limit: int
    ) -> tuple[Delivery, ...]:
        self.claims -= 1
        if self.claims >= 0:
            raise DatabaseUnavailable("away")
        return await super().claim(subscriber, now, until, limit)

    async def acknowledge(self, delivery: Delivery) -> None:
        self.settlements -= 1
        if self.settlements >= 0:
            raise DatabaseUnavailable("away")
        await super().acknowledge(delivery)


async def test_it_outlives_its_database() -> None:
    listener = Listener()
    stage = Stage(one=listener.hear)
    feed = Unsteady(stage.store, 3, 2)
    events = [placed(), placed()]
    await stage.tell(*events)
    with capture_logs() as lines:
        async with stage.relay(feed).running():
            await until(lambda: len(listener.heard) >= 2)
            await until(lambda: feed.settlements == 0)
            stage.clock.advance(timedelta(seconds=60))
            await until(lambda: not stage.store.deliveries)
    assert set(listener.heard) == {event.id for event in events}
    assert [line["event"] for line in lines] == ["event_feed_failed"], "once for an outage"


def heard_in_order(heard: Sequence[UUID], events: Sequence[RecordedEvent]) -> bool:
    places = [heard.index(event.id) for event in events]
    return places == sorted(places)


@asynccontextmanager
async def several(relays: Sequence[EventRelay]) -> AsyncIterator[None]:
    if not relays:
        yield
        return
    async with relays[0].running(), several(relays[1:]):
        yield


async def test_servers_share_the_work() -> None:
    listener = Listener()
    stage = Stage(one=listener.hear)
    bookings = [new_id() for _ in range(20)]
    events = [[placed(one), *(cancelled(one) for _ in range(4))] for one in bookings]
    async with several([stage.relay() for _ in range(3)]):
        for turn in zip(*events, strict=True):
            await stage.tell(*turn)
        await until(lambda: not stage.store.deliveries)
    assert len(listener.heard) == len(set(listener.heard)) == 100
    assert all(heard_in_order(listener.heard, one) for one in events)
