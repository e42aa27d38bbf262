"""Snapshots: what is remembered, for how long, and what a failing store costs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from aiohttp import web
from msgspec.structs import replace

from muster.domain.receipts import DirectorySource
from muster.ports.snapshot_store import Snapshot
from muster.ports.trainer_directory import (
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster.testing.clock import FakeClock
from muster.testing.examples import new_id
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.process_copy import ProcessCopy
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import (
    MemoryStore,
    a_page,
    a_record,
    ids_of,
    remembering,
    serving,
    staff_for,
)

pytestmark = pytest.mark.anyio

LIVE, SNAPSHOT = DirectorySource.LIVE, DirectorySource.SNAPSHOT


class BrokenStore(MemoryStore):
    async def load(self, question: TrainerQuestion) -> Snapshot | None:
        raise ConnectionError("the store is away")

    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        raise ConnectionError("the store is away")


class HangingStore(MemoryStore):
    async def load(self, question: TrainerQuestion) -> Snapshot | None:
        await asyncio.Event().wait()
        return None

    async def save(self, question: TrainerQuestion, snapshot: Snapshot) -> None:
        await asyncio.Event().wait()


async def test_fresh_answers_spare_the_call(question: TrainerQuestion, clock: FakeClock) -> None:
    sandbox, activity = Sandbox(staff_for(question, 3)), DirectoryActivity()
    async with sandbox as url, remembering(url, clock, MemoryStore(), activity) as directory:
        first = await directory.candidates(question)
        asked_at = clock.now()
        clock.advance(timedelta(seconds=29.9))
        second = await directory.candidates(question)
        assert sandbox.calls["bulk"] == 1
        clock.advance(timedelta(seconds=0.1))
        third = await directory.candidates(question)
        assert sandbox.calls["bulk"] == 2
    assert (first.source, first.as_of) == (LIVE, asked_at)
    assert (second.source, second.as_of) == (SNAPSHOT, asked_at)
    assert (third.source, third.as_of) == (LIVE, clock.now())
    assert first.trainers == second.trainers
    assert activity.questions == 3
    assert (activity.answers_from_service, activity.answers_from_process_copy) == (2, 1)


async def test_no_other_question_is_answered(question: TrainerQuestion, clock: FakeClock) -> None:
    sandbox = Sandbox(staff_for(question, 1))
    async with sandbox as url, remembering(url, clock, MemoryStore()) as directory:
        await directory.candidates(question)
        for other in (
            replace(question, franchise_id=None),
            replace(question, zone_id=new_id()),
            replace(question, course_id=new_id()),
        ):
            answer = await directory.candidates(other)
            assert (answer.source, answer.trainers) == (LIVE, ())
    assert sandbox.calls["bulk"] == 4


async def test_servers_share_the_store(question: TrainerQuestion, clock: FakeClock) -> None:
    sandbox, store, activity = Sandbox(staff_for(question, 2)), MemoryStore(), DirectoryActivity()
    async with sandbox as url:
        async with remembering(url, clock, store) as one:
            await one.candidates(question)
        clock.advance(timedelta(seconds=10))
        async with remembering(url, clock, store, activity) as other:
            answers = [await other.candidates(question) for _ in range(2)]
    assert {answer.source for answer in answers} == {SNAPSHOT}
    assert {answer.as_of for answer in answers} == {clock.now() - timedelta(seconds=10)}
    assert sandbox.calls["bulk"] == 1
    assert (activity.answers_from_store, activity.answers_from_process_copy) == (1, 1)


async def test_an_outage(question: TrainerQuestion, clock: FakeClock) -> None:
    store, activity = MemoryStore(), DirectoryActivity()
    sandbox = Sandbox(staff_for(question, 2))
    url = await sandbox.__aenter__()
    async with remembering(url, clock, store, activity) as directory:
        live = await directory.candidates(question)
        await sandbox.__aexit__(None, None, None)
        for seconds in (60, 839.9):
            clock.advance(timedelta(seconds=seconds))
            answer = await directory.candidates(question)
            assert (answer.source, answer.as_of) == (SNAPSHOT, live.as_of)
            assert answer.trainers == live.trainers
        clock.advance(timedelta(seconds=0.1))
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(replace(question, zone_id=new_id()))
        port = int(url.rpartition(":")[2])
        async with Sandbox(staff_for(question, 5), port=port):
            back = await directory.candidates(question)
    assert (back.source, len(back.trainers)) == (LIVE, 5)
    assert activity.unanswered == 2
    assert (
        activity.questions
        == 6
        == (
            activity.answers_from_service
            + activity.answers_from_process_copy
            + activity.answers_from_store
            + activity.unanswered
        )
    )


async def test_a_server_that_starts_in_an_outage(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    store = MemoryStore()
    async with Sandbox(staff_for(question, 2)) as url, remembering(url, clock, store) as directory:
        live = await directory.candidates(question)
    clock.advance(timedelta(minutes=10))
    async with remembering(url, clock, store) as directory:
        answer = await directory.candidates(question)
    assert (answer.source, answer.as_of, answer.trainers) == (SNAPSHOT, live.as_of, live.trainers)


async def test_the_greatest_age_bounds_the_fresh_time(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    sandbox = Sandbox(staff_for(question, 1))
    async with (
        sandbox as url,
        remembering(url, clock, MemoryStore(), snapshot_max_age_seconds=0) as directory,
    ):
        for _ in range(3):
            assert (await directory.candidates(question)).source is LIVE
    assert sandbox.calls["bulk"] == 3


@pytest.mark.parametrize(("ahead", "source"), [(5, SNAPSHOT), (3_600, LIVE)])
async def test_ages_are_never_negative(
    question: TrainerQuestion, clock: FakeClock, ahead: float, source: DirectorySource
) -> None:
    store = MemoryStore()
    future = clock.now() + timedelta(seconds=ahead)
    store.kept[question] = Snapshot(tuple(staff_for(question, 1)), future, future)
    async with Sandbox() as url, remembering(url, clock, store) as directory:
        answer = await directory.candidates(question)
    assert answer.source is source
    assert answer.as_of <= clock.now()


async def test_200_equal_questions_are_one_call(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    sandbox, activity = Sandbox(staff_for(question, 20)), DirectoryActivity()
    async with sandbox as url, remembering(url, clock, MemoryStore(), activity) as directory:
        answers = await asyncio.gather(*(directory.candidates(question) for _ in range(200)))
    assert sandbox.calls["bulk"] == 1
    assert len({ids_of(answer.trainers) == ids_of(answers[0].trainers) for answer in answers}) == 1
    assert activity.answers_from_service == activity.questions == 200


def gated(
    gate: asyncio.Event, arrived: asyncio.Event, status: int = 200
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.Response:
        arrived.set()
        await gate.wait()
        return web.Response(body=a_page(a_record()), status=status)

    return answer


async def test_a_cancelled_leader_does_not_poison_the_others(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    gate, arrived, activity = asyncio.Event(), asyncio.Event(), DirectoryActivity()
    async with (
        serving(gated(gate, arrived)) as url,
        remembering(url, clock, MemoryStore(), activity) as directory,
    ):
        askers = [asyncio.create_task(directory.candidates(question)) for _ in range(10)]
        await arrived.wait()
        askers[0].cancel()
        with suppress(asyncio.CancelledError):
            await askers[0]
        late = asyncio.create_task(directory.candidates(question))
        await asyncio.sleep(0)
        gate.set()
        answers = await asyncio.gather(*askers[1:], late)
    assert [len(answer.trainers) for answer in answers] == [1] * 10
    assert (activity.calls, activity.unanswered) == (1, 1)


async def test_when_all_are_cancelled_the_next_one_asks_anew(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    gate, arrived, activity = asyncio.Event(), asyncio.Event(), DirectoryActivity()
    async with (
        serving(gated(gate, arrived)) as url,
        remembering(url, clock, MemoryStore(), activity) as directory,
    ):
        askers = [asyncio.create_task(directory.candidates(question)) for _ in range(3)]
        await arrived.wait()
        for asker in askers:
            asker.cancel()
        await asyncio.gather(*askers, return_exceptions=True)
        await asyncio.sleep(0.05)
        assert not [task for task in asyncio.all_tasks() if "_find" in repr(task.get_coro())]
        gate.set()
        answer = await directory.candidates(question)
    assert len(answer.trainers) == 1
    assert activity.calls == 2


async def test_a_failure_reaches_everyone_and_is_not_remembered(
    question: TrainerQuestion, clock: FakeClock
) -> None:
    gate, arrived, activity = asyncio.Event(), asyncio.Event(), DirectoryActivity()
    async with (
        serving(gated(gate, arrived, 503)) as url,
        remembering(url, clock, MemoryStore(), activity, retries=0) as directory,
    ):
        askers = [asyncio.create_task(directory.candidates(question)) for _ in range(10)]
        await arrived.wait()
        gate.set()
        failures = await asyncio.gather(*askers, return_exceptions=True)
        assert all(isinstance(failure, TrainerDirectoryUnavailable) for failure in failures)
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.calls == 2


@pytest.mark.parametrize(
    "store", [BrokenStore(), HangingStore()], ids=lambda one: type(one).__name__
)
async def test_a_failing_store_fails_no_question(
    question: TrainerQuestion, clock: FakeClock, store: MemoryStore
) -> None:
    activity = DirectoryActivity()
    sandbox = Sandbox(staff_for(question, 2))
    url = await sandbox.__aenter__()
    async with remembering(url, clock, store, activity, store_seconds=0.1) as directory:
        assert (await directory.candidates(question)).source is LIVE
        assert activity.store_failures == 2
        await sandbox.__aexit__(None, None, None)
        clock.advance(timedelta(minutes=5))
        answer = await directory.candidates(question)
    assert (answer.source, len(answer.trainers)) == (SNAPSHOT, 2)


def test_the_process_copy_is_bounded(question: TrainerQuestion, clock: FakeClock) -> None:
    copy = ProcessCopy(max_trainers=30)
    questions = [replace(question, zone_id=new_id()) for _ in range(4)]
    nine = Snapshot(tuple(staff_for(question, 9)), clock.now(), clock.now())
    for one in questions[:3]:
        copy.put(one, nine)
    assert copy.get(questions[0]) is nine
    copy.put(questions[3], nine)
    assert [copy.get(one) is not None for one in questions] == [True, False, True, True]
    copy.put(questions[3], Snapshot((), clock.now(), clock.now()))
    copy.put(questions[1], Snapshot(nine.trainers[:8], clock.now(), clock.now()))
    assert [copy.get(one) is not None for one in questions] == [True] * 4
    copy.put(question, Snapshot(nine.trainers * 4, clock.now(), clock.now()))
    assert copy.get(question) is None
