"""Telling subscribers on PostgreSQL: servers share the work, and nobody pays for no subscriber."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from muster.domain.bookings import BookingStatus
from muster.domain.events import BookingCancelled, BookingPlaced
from muster.plugin_api import (
    EventSubscriber,
    Manifest,
    PortLookup,
    RecordedEvent,
    SettingsLookup,
    hookimpl,
)
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.runtime.asgi import create_asgi
from muster.runtime.bootstrap import Application, bootstrap
from muster.runtime.event_composition import audience_of
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import new_id
from muster_postgres.database import Database
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin

pytestmark = pytest.mark.anyio

SEED = random.SystemRandom().randrange(1 << 32)


class Diary:
    """What the servers of a test have heard, and which of them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, UUID]] = []

    def plugin(self, server: str) -> type:
        async def hear(recorded: RecordedEvent, ports: PortLookup) -> None:
            await asyncio.sleep(0)
            self.heard.append((server, recorded.id))

        class Listening:
            MANIFEST = Manifest(name="listening", api_version=1)

            @hookimpl
            def event_subscribers(self, settings: SettingsLookup) -> Sequence[EventSubscriber]:
                return [EventSubscriber("diary", hear)]

        return Listening


def composed(url: str, *plugins: type, poll_seconds: float = 0.05, ports: str = "") -> Application:
    environ = {
        "DATABASE_URL": url,
        "TRAINER_SERVICE_URL": "http://127.0.0.1:9",
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
        "MUSTER_POSTGRES__POOL_MIN_SIZE": "1",
        "MUSTER_EVENTS__POLL_SECONDS": str(poll_seconds),
        "MUSTER_PLUGINS__PORTS": ports,
    }
    return bootstrap(environ, [PostgresPlugin, TrainerHttpPlugin, *plugins])


@asynccontextmanager
async def serving(application: Application) -> AsyncIterator[None]:
    """Live through the lifespan of the app's own server."""
    app = create_asgi(application)
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    life = asyncio.create_task(app(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await life


async def tell(application: Application, events: Sequence[RecordedEvent]) -> None:
    async with application.ports.get(UNIT_OF_WORK)() as unit:
        await unit.outbox.add(events, audience_of(application.subscriptions))
        await unit.commit()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.01)


def story(booking: UUID) -> list[RecordedEvent]:
    first = a_recorded_event(BookingPlaced(booking, BookingStatus.ASSIGNED, None, None))
    return [first, *(a_recorded_event(BookingCancelled(booking, None, None)) for _ in range(4))]


async def test_two_servers_tell_each_event_once_and_in_order(
    database: Database, clean_database: str
) -> None:
    chance = random.Random(SEED)
    diary = Diary()
    one, other = (composed(clean_database, diary.plugin(name)) for name in ("one", "other"))
    stories = [story(new_id()) for _ in range(30)]
    untold = [list(events) for events in stories]
    async with AsyncExitStack() as running:
        for application in (one, other):
            await running.enter_async_context(serving(application))
        while untold:
            events = chance.choice(untold)
            await tell(chance.choice((one, other)), [events.pop(0)])
            if not events:
                untold.remove(events)
        await until(lambda: len(diary.heard) >= 150)
    ids = [id_ for _, id_ in diary.heard]
    assert len(ids) == len(set(ids)) == 150, f"seed {SEED}"
    for events in stories:
        places = [ids.index(event.id) for event in events]
        assert places == sorted(places), f"seed {SEED}"
    assert {server for server, _ in diary.heard} == {"one", "other"}
    assert await database.fetch("SELECT FROM event_deliveries") == []


async def test_a_server_that_died_before_telling_leaves_it_to_the_next(
    database: Database, clean_database: str
) -> None:
    diary = Diary()
    dead = composed(clean_database, diary.plugin("dead"))
    events = story(new_id())
    async with dead.running():
        # It commits, and is gone before its relay has looked.
        await tell(dead, events)
    assert diary.heard == []
    async with serving(composed(clean_database, diary.plugin("next"))):
        await until(lambda: len(diary.heard) == 5)
    assert diary.heard == [("next", event.id) for event in events]


@pytest.mark.parametrize("subscribes", [False, True])
async def test_without_a_subscriber_nothing_is_asked(clean_database: str, subscribes: bool) -> None:
    diary = Diary()
    plugins = [diary.plugin("one")] if subscribes else []
    application = composed(clean_database, *plugins)
    (postgres,) = (
        plugin.instance
        for plugin in application.hooks.plugins
        if isinstance(plugin.instance, PostgresPlugin)
    )
    async with serving(application):
        async with postgres.database(application.settings).counting() as asked:
            await asyncio.sleep(0.2)
        async with postgres.database(application.settings).counting() as told:
            await tell(application, story(new_id()))
            if subscribes:
                await until(lambda: len(diary.heard) == 5)
    statements = "\n".join(told.statements)
    assert ("event_deliveries" in statements) is subscribes
    about_events = [one for one in asked.statements if "audit_" not in one]
    assert bool(about_events) is subscribes
