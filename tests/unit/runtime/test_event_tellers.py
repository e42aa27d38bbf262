"""Those who tell: that several end together."""

from __future__ import annotations

import asyncio

import pytest

from muster.plugin_api import EventSubscriber, PortLookup, RecordedEvent
from muster.runtime.event_composition import Subscription
from muster.runtime.event_tellers import EventTellers, telling

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def hear(recorded: RecordedEvent, ports: PortLookup) -> None:
    return None


def tellers_of(name: str, tell_some: object) -> EventTellers:
    one = Subscription(name, EventSubscriber("listener", hear))
    return EventTellers([one], tell_some, 0.001)  # type: ignore[arg-type]


def idle_is_there() -> bool:
    return any(task.get_name() == "events for a/idle" for task in asyncio.all_tasks())


async def test_nobody_waits_for_another_to_end() -> None:
    """The busy one is through only once the other one has ended, and not cut off before."""
    begun, through = asyncio.Event(), []

    async def busy(subscription: Subscription) -> bool:
        begun.set()
        while idle_is_there():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.001)
        through.append(subscription.name)
        return True

    async def idle(subscription: Subscription) -> bool:
        return False

    async with telling(tellers_of("a/busy", busy), tellers_of("a/idle", idle)):
        await begun.wait()
    assert through == ["a/busy"]
