"""Who is told of which events, and which subscribers refuse the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import pytest

from muster.domain.events import BookingCancelled, BookingPlaced, Event
from muster.plugin_api import (
    CompositionError,
    EventSubscriber,
    Manifest,
    PortLookup,
    RecordedEvent,
    SettingsLookup,
    hookimpl,
)
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.event_composition import audience_of
from muster_memory.plugin import MemoryPlugin


async def hear(recorded: RecordedEvent, ports: PortLookup) -> None:
    raise NotImplementedError


def hear_at_once(recorded: RecordedEvent, ports: PortLookup) -> None:
    raise NotImplementedError


def plugin(name: str, *subscribers: EventSubscriber) -> type:
    class Listening:
        MANIFEST = Manifest(name=name, api_version=1)

        @hookimpl
        def event_subscribers(self, settings: SettingsLookup) -> Sequence[EventSubscriber]:
            return list(subscribers)

    return Listening


def composed(*plugins: type) -> Application:
    return bootstrap({}, [MemoryPlugin, *plugins])


def test_each_event_knows_who_wants_to_hear_it() -> None:
    app = composed(
        plugin("b", EventSubscriber("few", hear, (BookingPlaced, BookingCancelled))),
        plugin("a", EventSubscriber("few", hear, (BookingPlaced,)), EventSubscriber("all", hear)),
    )
    assert [one.name for one in app.subscriptions] == ["a/all", "a/few", "b/few"]
    audience = audience_of(app.subscriptions)
    assert audience[BookingPlaced] == ("a/all", "a/few", "b/few")
    assert audience[BookingCancelled] == ("a/all", "b/few")
    assert set(audience) == set(get_args(Event))


def test_without_subscribers_there_is_no_audience() -> None:
    assert composed().subscriptions == ()
    assert audience_of(()) == {}


@pytest.mark.parametrize(
    ("subscribers", "told"),
    [
        ([EventSubscriber("one", hear), EventSubscriber("one", hear)], "twice; rename"),
        ([EventSubscriber("One!", hear)], "rename it"),
        ([EventSubscriber("one", hear_at_once)], "not 'async def'"),  # type: ignore[arg-type]
        ([EventSubscriber("one", hear, (RecordedEvent,))], "for RecordedEvent: no event"),  # type: ignore[arg-type]
        ([EventSubscriber("one", hear, timeout_seconds=0)], "must be more than 0"),
        ([EventSubscriber("one", hear, max_attempts=0)], "must be more than 0"),
    ],
)
def test_what_does_not_fit_refuses_the_start(subscribers: list[Any], told: str) -> None:
    with pytest.raises(CompositionError) as refused:
        composed(plugin("a", *subscribers))
    assert told in str(refused.value)
    assert str(refused.value).startswith("Plugin 'a' (tests 0) offers the event subscriber")
