"""What keeps snapshots young: what was asked, in what order, how much at once; and its writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from muster.ports.snapshot_store import AgingSnapshot, Snapshot
from muster.ports.trainer_directory import TrainerQuestion
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.testing.clock import FakeClock
from muster.testing.examples import new_id
from muster_trainer_http.breaker import Breaker, BreakerState
from muster_trainer_http.refreshing import RefreshedSnapshots, SnapshotRefresh
from muster_trainer_http.sandbox import Sandbox
from muster_trainer_http.settings import TrainerHttpSettings
from tests.integration.trainer_http.service_under_test import (
    MemoryStore,
    a_page,
    a_record,
    remembering,
    serving,
    staff_for,
)
from tests.integration.trainer_http.test_plugin import compose

pytestmark = pytest.mark.anyio

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALL_DAY = 86_400.0
WINDOW = TrainerHttpSettings().refresh_asked_within_seconds


def a_question() -> TrainerQuestion:
    return TrainerQuestion(None, new_id(), new_id())


class Service:
    """Answers after a moment, and remembers what it was asked and how much at once."""

    def __init__(self) -> None:
        self.zones: list[str] = []
        self.most_at_once = 0
        self.nonsense: set[str] = set()
        self.broken: set[str] = set()
        self._now = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        zone = request.query["zoneId"]
        self.zones.append(zone)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0.02)
        self._now -= 1
        if zone in self.broken:
            return web.Response(status=500)
        record = {"id": "nobody"} if zone in self.nonsense else a_record()
        return web.Response(body=a_page(record), content_type="application/json")


async def test_oldest_first_and_so_many_at_once(clock: FakeClock) -> None:
    service, store = Service(), MemoryStore()
    questions = [a_question() for _ in range(12)]
    async with serving(service.answer) as url, remembering(url, clock, store) as directory:
        for one in questions:
            await directory.candidates(one)
            clock.advance(MINUTE)
        asked = {one: store.kept[one].asked_at for one in questions}
        service.zones, service.most_at_once = [], 0
        aging = await store.aging(clock.now() - HOUR, clock.now() - 2 * MINUTE, 10)
        done = await SnapshotRefresh(directory, Breaker(clock, 5, 10.0)).run(aging, 3)
        assert done == RefreshedSnapshots(10, 0, 0)
        assert service.most_at_once == 3
        assert service.zones[0] == str(questions[0].zone_id)
        assert sorted(service.zones) == sorted(str(one.zone_id) for one in questions[:10])
        assert {store.kept[one].as_of for one in questions[:10]} == {clock.now()}
    assert {one: store.kept[one].asked_at for one in questions} == asked, "nobody asked"


async def test_one_whose_trainers_are_nonsense_stops_no_other(clock: FakeClock) -> None:
    service, store = Service(), MemoryStore()
    questions = [a_question() for _ in range(4)]
    async with serving(service.answer) as url, remembering(url, clock, store) as directory:
        for one in questions:
            await directory.candidates(one)
            clock.advance(MINUTE)
        service.nonsense.add(str(questions[0].zone_id))
        before = store.kept[questions[0]]
        aging = await store.aging(clock.now() - HOUR, clock.now(), 10)
        done = await SnapshotRefresh(directory, Breaker(clock, 5, 10.0)).run(aging, 2)
    assert done == RefreshedSnapshots(3, 1, 0)
    assert store.kept[questions[0]] == before


async def test_those_who_fail_open_no_breaker_and_hold_nobody_up(clock: FakeClock) -> None:
    """The oldest five fail in every run: the others are young again after the next one."""
    service, store, breaker = Service(), MemoryStore(), Breaker(clock, 5, 10.0)
    questions = [a_question() for _ in range(12)]
    failing, well = questions[:5], questions[5:]
    async with (
        serving(service.answer) as url,
        remembering(url, clock, store, breaker=breaker, retries=0) as directory,
    ):
        for one in questions:
            await directory.candidates(one)
            clock.advance(MINUTE)
        service.broken = {str(one.zone_id) for one in failing}
        for done in (RefreshedSnapshots(0, 4, 8), RefreshedSnapshots(7, 5, 0)):
            clock.advance(MINUTE)
            aging = await store.aging(clock.now() - HOUR, clock.now(), 100)
            assert await SnapshotRefresh(directory, breaker).run(aging, 4) == done
            assert breaker.state is BreakerState.CLOSED
    assert {store.kept[one].as_of for one in well} == {clock.now()}


class NothingKept(MemoryStore):
    """A store whose database goes away."""

    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        raise DatabaseUnavailable("The database is away.")


async def test_what_cannot_be_kept_has_failed(clock: FakeClock) -> None:
    service, aging = Service(), [AgingSnapshot(a_question(), clock.now()) for _ in range(3)]
    async with (
        serving(service.answer) as url,
        remembering(url, clock, NothingKept()) as directory,
    ):
        done = await SnapshotRefresh(directory, Breaker(clock, 5, 10.0)).run(tuple(aging), 2)
    assert done == RefreshedSnapshots(0, 3, 0)


async def asked_every_minute(
    ask: Callable[[], Awaitable[object]], clock: FakeClock, store: MemoryStore
) -> list[tuple[datetime, datetime]]:
    """Now, and the mark of the only question, after each time that it was asked in an hour."""
    seen = []
    for _ in range(60):
        clock.advance(MINUTE)
        await ask()
        ((_, kept),) = store.kept.items()
        seen.append((clock.now(), kept.asked_at))
    return seen


async def test_what_is_asked_is_marked_now_and_then(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    """While snapshots answer: ten writes an hour, and the mark is never old."""
    store, sandbox = MemoryStore(), Sandbox(staff_for(question, 1))
    fresh: dict[str, Any] = {"snapshot_fresh_seconds": ALL_DAY, "snapshot_max_age_seconds": ALL_DAY}
    async with sandbox as url, remembering(url, clock, store, **fresh) as directory:
        await directory.candidates(question)
        seen = await asked_every_minute(lambda: directory.candidates(question), clock, store)
    assert sandbox.calls["bulk"] == 1
    assert store.marks == 10
    assert max(now - asked_at for now, asked_at in seen) < timedelta(seconds=WINDOW / 10)


async def test_many_at_once_make_one_mark(question: TrainerQuestion, clock: FakeClock) -> None:
    store, sandbox = MemoryStore(), Sandbox(staff_for(question, 1))
    fresh: dict[str, Any] = {"snapshot_fresh_seconds": ALL_DAY, "snapshot_max_age_seconds": ALL_DAY}
    async with sandbox as url, remembering(url, clock, store, **fresh) as directory:
        await directory.candidates(question)
        clock.advance(HOUR)
        await asyncio.gather(*(directory.candidates(question) for _ in range(50)))
    assert store.marks == 1


async def test_an_answer_of_the_service_is_its_own_mark(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    store, sandbox = MemoryStore(), Sandbox(staff_for(question, 1))
    async with sandbox as url, remembering(url, clock, store) as directory:
        seen = await asked_every_minute(lambda: directory.candidates(question), clock, store)
    assert sandbox.calls["bulk"] == 60
    assert store.marks == 0
    assert all(now == asked_at for now, asked_at in seen)


async def test_where_nothing_is_refreshed_nothing_is_marked(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    store, sandbox = MemoryStore(), Sandbox(staff_for(question, 1))
    never: dict[str, Any] = {"snapshot_fresh_seconds": ALL_DAY, "snapshot_max_age_seconds": ALL_DAY}
    async with (
        sandbox as url,
        remembering(url, clock, store, refresh_asked_within_seconds=0, **never) as directory,
    ):
        await directory.candidates(question)
        await asked_every_minute(lambda: directory.candidates(question), clock, store)
    assert store.marks == 0


@pytest.mark.parametrize(
    ("environ", "offered"),
    [
        ({}, ["trainer_http/refresh-snapshots"]),
        ({"MUSTER_TRAINER_HTTP__REFRESH_ASKED_WITHIN_SECONDS": "0"}, []),
        ({"TRAINER_SNAPSHOT_MAX_AGE": "0"}, []),
    ],
)
def test_who_wants_no_young_snapshots_has_no_job(
    environ: dict[str, str], offered: list[str]
) -> None:
    assert list(compose(**environ).job_types.by_name()) == offered
