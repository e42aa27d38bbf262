"""Replays on PostgreSQL: several servers, one that is killed, and live delivery beside them."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest

from muster.application.access import Permission, Principal
from muster.application.errors import NotFound
from muster.application.replay_events import ReplayEvents
from muster.application.use_case import Caller
from muster.domain.events import BookingCancelled, FranchiseCreated
from muster.plugin_api import DISPATCHER
from muster.ports.event_replays import EVENT_REPLAYS, EventRange, Replay
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster.runtime.bootstrap import Application
from muster.testing.example_records import a_recorded_event
from muster.testing.examples import new_id
from muster_postgres.database import Database
from tests.http.moved_clock import CHOICE, MovedClock, plugin_of
from tests.integration import replay_server
from tests.integration.replay_server import SUBSCRIBER, TABLE, listening
from tests.integration.test_event_relay import composed, serving, story, tell

pytestmark = pytest.mark.anyio

CALLER = Caller(Principal("operator", frozenset(Permission)), "correlation-1")
EVERYTHING = ReplayEvents(SUBSCRIBER, EventRange())
_NURSERY = multiprocessing.get_context("spawn")


class Diary:
    """What all servers have written down."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> None:
        async with self._database.connection() as connection:
            await connection.execute("DROP TABLE IF EXISTS heard")
            await connection.execute(TABLE)

    async def close(self) -> None:
        async with self._database.connection() as connection:
            await connection.execute("DROP TABLE heard")

    async def heard(self) -> list[tuple[str, UUID]]:
        rows = await self._database.fetch("SELECT server, event_id FROM heard ORDER BY number")
        return [(row["server"], row["event_id"]) for row in rows]

    async def has(self, number: int) -> bool:
        return len(await self.heard()) >= number

    async def at_rest(self) -> bool:
        return not await self._database.fetch("SELECT FROM event_replays")


@pytest.fixture
async def diary(database: Database, clean_database: str) -> Any:
    diary = Diary(database)
    await diary.open()
    yield diary
    await diary.close()


async def until_so(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.02)


async def told_before(application: Application, bookings: int) -> list[list[UUID]]:
    """Stories of bookings, interleaved, that nobody was told of; by booking."""
    stories = [story(new_id()) for _ in range(bookings)]
    async with application.running():
        for together in zip(*stories, strict=True):
            await tell_nobody(application, *together)
    return [[one.id for one in each] for each in stories]


async def tell_nobody(application: Application, *events: Any) -> None:
    async with application.ports.get(UNIT_OF_WORK)() as unit:
        await unit.outbox.add(events, {})
        await unit.commit()


async def ask(application: Application, command: ReplayEvents = EVERYTHING) -> tuple[Replay, ...]:
    return await application.ports.get(DISPATCHER).dispatch(command, CALLER)


def in_order(heard: list[UUID], stories: list[list[UUID]]) -> bool:
    """Whether the first hearing of each is in the order of its booking."""
    for each in stories:
        places = [heard.index(one) for one in each]
        if places != sorted(places):
            return False
    return True


@contextmanager
def process(url: str, server: str) -> Iterator[multiprocessing.context.SpawnProcess]:
    told, begun = _NURSERY.Pipe(duplex=False)
    one = _NURSERY.Process(target=replay_server.run, args=(url, server, begun))
    one.start()
    try:
        assert told.poll(60), "the server did not begin in time"
        yield one
    finally:
        one.kill()
        one.join()


async def test_two_servers_tell_a_range_once_and_in_order(
    clean_database: str, diary: Diary
) -> None:
    stories = await told_before(composed(clean_database, listening("before")), 20)
    async with AsyncExitStack() as running:
        for name in ("one", "other"):
            application = composed(clean_database, listening(name))
            await running.enter_async_context(serving(application))
        (replay,) = await ask(application)
        assert (await ask(application))[0].order.id == replay.order.id
        # Live delivery goes on meanwhile.
        live = a_recorded_event(BookingCancelled(new_id(), None, None))
        await tell(application, [live])
        await until_so(diary.at_rest)
        await until_so(lambda: diary.has(101))
    ids = [id_ for _, id_ in await diary.heard()]
    assert sorted(ids) == sorted([live.id, *(one for each in stories for one in each)])
    assert in_order(ids, stories)


async def test_a_killed_server_leaves_the_rest_to_another(
    clean_database: str, diary: Diary
) -> None:
    """Nothing is lost, each booking's order holds, and what was settled is not told again."""
    clock = MovedClock()
    stories = await told_before(composed(clean_database, listening("before")), 40)
    with process(clean_database, "killed") as killed:
        application = composed(clean_database, listening("asking"))
        async with application.running():
            await ask(application)
        await until_so(lambda: diary.has(70))
        killed.kill()
        killed.join()
    before = await diary.heard()
    assert 70 <= len(before) < 200
    clock.advance(120)
    heir = composed(clean_database, listening("heir"), plugin_of(clock), ports=CHOICE)
    async with serving(heir):
        await until_so(diary.at_rest)
    heard = await diary.heard()
    ids = [id_ for _, id_ in heard]
    assert set(ids) == {one for each in stories for one in each}
    assert in_order(ids, stories)
    assert {server for server, _ in heard} == {"killed", "heir"}
    # At most the passage that the killed one had is told twice.
    assert len(ids) - len(set(ids)) <= 32


async def test_who_is_not_installed_is_refused(clean_database: str) -> None:
    application = composed(clean_database, listening("one"))
    async with application.running():
        with pytest.raises(NotFound, match="subscriber nobody/at-all"):
            await ask(application, ReplayEvents("nobody/at-all", EventRange()))


async def test_it_stands_in_the_audit_trail_once(database: Database, clean_database: str) -> None:
    application = composed(clean_database, listening("one"))
    async with application.running():
        assert await ask(application) == (), "nothing has happened"
        await tell_nobody(application, *story(new_id()))
        (replay,) = await ask(application, ReplayEvents(None, EventRange(first=1)))
        await ask(application, ReplayEvents(None, EventRange(first=1)))
    rows = await database.fetch("SELECT action, actor, subject_kind, subject_id FROM audit_entries")
    assert [tuple(row) for row in rows] == [
        ("ReplayEvents", "operator", "event_replay", replay.order.id)
    ]


async def test_a_long_stretch_of_other_kinds_is_passed_over(
    database: Database, clean_database: str, diary: Diary
) -> None:
    """A claim looks at so many events and no more; the replay goes on behind them."""
    application = composed(clean_database, listening("one"))
    async with application.running():
        for _ in range(3):
            await tell_nobody(
                application, *(a_recorded_event(FranchiseCreated(new_id())) for _ in range(700))
            )
        last = a_recorded_event(BookingCancelled(new_id(), None, None))
        await tell_nobody(application, last)
        await ask(application)
        passages = []
        replays = application.ports.get(EVENT_REPLAYS)
        now = MovedClock().now()
        while (
            passage := await replays.claim(SUBSCRIBER, (BookingCancelled,), now, now, 32)
        ) is not None:
            passages.append(passage)
            await replays.advance(passage, passage.reaches)
    assert [len(one.events) for one in passages] == [0, 0, 1]
    assert passages[-1].events[0][1] == last
