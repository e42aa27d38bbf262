"""What the relay tells whoever looks on: every attempt, and the backlog."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog import DropEvent
from structlog.testing import capture_logs

from muster.plugin_api import EventSubscriber, PortLookup, RecordedEvent
from muster.ports.observation import DeliveryActivity
from muster.runtime.event_composition import Subscription
from muster.runtime.event_relay import EventRelay
from muster.testing.examples import AN_INSTANT
from tests.observed import Diary
from tests.unit.runtime.test_event_relay import (
    SETTINGS,
    Listener,
    NoPorts,
    Stage,
    anyio_backend,
    cancelled,
    placed,
    until,
)

__all__ = ["anyio_backend"]

pytestmark = pytest.mark.anyio


def relay(stage: Stage, diary: Diary) -> EventRelay:
    ports = NoPorts()
    return EventRelay(stage.subscriptions, stage.feed, stage.clock, ports, SETTINGS, diary)


async def test_every_attempt_is_told_with_its_number_and_what_left_it() -> None:
    listener, diary = Listener(), Diary()
    stage = Stage(one=listener.hear)
    event = placed()
    listener.failures[event.event.booking_id] = 1  # type: ignore[union-attr]
    async with relay(stage, diary).running():
        await stage.tell(event)
        await until(lambda: stage.left() == [(1, AN_INSTANT + timedelta(seconds=2))])
        stage.clock.advance(timedelta(seconds=2))
        await until(lambda: not stage.store.deliveries)
    told = diary.of(DeliveryActivity)
    assert [activity for activity, _ in told] == [
        DeliveryActivity("a/one", event, 1),
        DeliveryActivity("a/one", event, 2),
    ]
    assert [type(seen.await_end().error) for _, seen in told] == [ValueError, type(None)]


async def test_the_line_of_a_failure_is_written_amid_what_it_tells_of() -> None:
    """So it names the trace of the delivery."""
    listener, diary = Listener(), Diary()
    stage = Stage(one=listener.hear)
    event = placed()
    listener.failures[event.event.booking_id] = 1  # type: ignore[union-attr]
    amid: list[bool] = []

    def note(logger: Any, method: str, line: Any) -> Any:
        amid.append(not diary.seen[-1].has_ended)
        raise DropEvent

    with capture_logs(processors=[note]):
        async with relay(stage, diary).running():
            await stage.tell(event)
            await until(lambda: stage.left() == [(1, AN_INSTANT + timedelta(seconds=2))])
    assert amid == [True]


async def test_a_subscriber_who_takes_too_long_ends_with_a_timeout() -> None:
    async def dawdle(recorded: RecordedEvent, ports: PortLookup) -> None:
        await asyncio.Event().wait()

    diary, stage = Diary(), Stage()
    slow = EventSubscriber("slow", dawdle, timeout_seconds=0.01, max_attempts=1)
    stage.subscriptions = [Subscription("a/slow", slow)]
    async with relay(stage, diary).running():
        await stage.tell(placed())
        await until(lambda: diary.seen and diary.seen[0].error is not None)
    ((_, seen),) = diary.of(DeliveryActivity)
    assert isinstance(seen.error, TimeoutError), "it failed; nobody cancelled it"


async def test_the_backlog_of_each_subscriber_can_be_read() -> None:
    moody, steady, diary = Listener(), Listener(), Diary()
    stage = Stage(moody=moody.hear, steady=steady.hear)
    first = placed()
    booking = first.event.booking_id  # type: ignore[union-attr]
    moody.failures[booking] = 3
    async with relay(stage, diary).running():
        names = ("events_waiting", "events_parked", "event_lag_seconds")
        waiting, parked, lag = (diary.gauges[name].read for name in names)
        assert await waiting() == await parked() == await lag() == {"a/moody": 0, "a/steady": 0}
        await stage.tell(first, cancelled(booking))
        await until(lambda: len(steady.heard) == 2 and stage.left()[0][0] == 1)
        stage.clock.advance(timedelta(seconds=1))
        age = (stage.clock.now() - first.at).total_seconds()
        assert await waiting() == {"a/moody": 2, "a/steady": 0}
        assert await lag() == {"a/moody": age, "a/steady": 0}
        for attempts in (2, 3):
            stage.clock.advance(timedelta(seconds=10))
            await until(lambda n=attempts: moody.failures[booking] == 3 - n)  # type: ignore[misc]
        await until(lambda: len(stage.left()) == 1)
        assert await parked() == {"a/moody": 1, "a/steady": 0}
        assert await waiting() == {"a/moody": 0, "a/steady": 0}


async def test_without_a_subscriber_there_is_nothing_to_read() -> None:
    diary, stage = Diary(), Stage()
    async with relay(stage, diary).running():
        assert await diary.gauges["events_waiting"].read() == {}
