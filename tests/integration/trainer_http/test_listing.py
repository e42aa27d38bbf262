"""The listing dialect: every page, each trainer's details, and what of them counts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace

from muster.domain.geography import Point
from muster.domain.receipts import DirectorySource
from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import TrainerDirectoryUnavailable, TrainerQuestion
from muster.testing.clock import FakeClock
from muster.testing.examples import new_id
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.failures import FailureKind
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import (
    Handler,
    MemoryStore,
    asking,
    ids_of,
    remembering,
    serving,
    staff_for,
)

pytestmark = pytest.mark.anyio

Shape = Callable[[list[Any], int], Any]


def with_total(entries: list[Any], total: int) -> Any:
    return {"success": True, "data": {"data": entries, "page": 1, "limit": 100, "total": total}}


def bare(entries: list[Any], total: int) -> Any:
    return {"data": entries}


def listing(trainers: Sequence[Trainer], shape: Shape = with_total, **details: Any) -> Handler:
    """Speak the listing contract, with other details than the trainers'."""
    entries = [{"trainerId": str(one.id), "available": one.active} for one in trainers]
    known = {str(one.id): one for one in trainers}

    async def answer(request: web.Request) -> web.Response:
        trainer = known.get(request.path.rpartition("/")[2])
        if trainer is not None:
            return web.json_response({"data": details_of(trainer) | details})
        begin = (int(request.query["page"]) - 1) * 100
        return web.json_response(shape(entries[begin : begin + 100], len(entries)))

    return answer


def details_of(trainer: Trainer) -> dict[str, Any]:
    return {
        "profile": {"certifications": list(map(str, trainer.certified_courses))},
        "location": None,
        "franchiseId": str(trainer.franchise_id),
        "zoneId": str(*trainer.zone_ids),
    }


async def test_the_answer_of_the_sandbox(question: TrainerQuestion) -> None:
    one, idle, other, company, elsewhere, unskilled = staff_for(question, 6)
    one = replace(one, location=Point(16.5, 80.6), name=str(one.id))
    sandbox = Sandbox(
        [
            one,
            replace(idle, active=False),
            replace(other, franchise_id=new_id()),
            replace(company, franchise_id=None),
            replace(elsewhere, zone_ids=frozenset({new_id()})),
            replace(unskilled, certified_courses=frozenset()),
        ]
    )
    async with sandbox as url, asking(url, dialect="listing") as directory:
        assert (await directory.candidates(question)).trainers == (one,)
    # The list knows the franchise of two, and that one is idle; the company's is not told.
    assert sandbox.calls == {"listing": 1, "details": 4}


@pytest.mark.parametrize("shape", [with_total, bare])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_every_page_in_both_shapes(
    question: TrainerQuestion, shape: Shape, count: int
) -> None:
    trainers = staff_for(question, count)
    async with (
        serving(listing(trainers, shape)) as url,
        asking(url, dialect="listing") as directory,
    ):
        answer = await directory.candidates(question)
    assert ids_of(answer.trainers) == ids_of(trainers)
    assert len(answer.trainers) == count


async def test_a_bare_list_that_does_not_page(question: TrainerQuestion) -> None:
    trainers, activity = staff_for(question, 150), DirectoryActivity()
    everyone = [{"trainerId": str(one.id), "available": True} for one in trainers]
    handler = listing(trainers, lambda entries, total: {"data": everyone})
    async with serving(handler) as url, asking(url, None, activity, dialect="listing") as directory:
        assert len((await directory.candidates(question)).trainers) == 150
    assert activity.calls == 152


async def test_a_second_booking_asks_nothing(question: TrainerQuestion, clock: FakeClock) -> None:
    sandbox = Sandbox(staff_for(question, 20))
    async with (
        sandbox as url,
        remembering(url, clock, MemoryStore(), dialect="listing") as directory,
    ):
        answers = [await directory.candidates(question) for _ in range(3)]
    assert [one.source for one in answers] == [
        DirectorySource.LIVE, DirectorySource.SNAPSHOT, DirectorySource.SNAPSHOT
    ]  # fmt: skip
    assert sandbox.calls == {"listing": 1, "details": 20}


async def test_eight_details_at_a_time(question: TrainerQuestion) -> None:
    most = running = 0
    answer_of = listing(staff_for(question, 40))

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal most, running
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return await answer_of(request)

    async with serving(answer) as url, asking(url, dialect="listing") as directory:
        assert len((await directory.candidates(question)).trainers) == 40
    assert most == 8


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ({"zoneId": None}, False),
        ({"zoneId": str(new_id())}, False),
        ({"franchiseId": None}, False),
        ({"location": {"latitude": 91, "longitude": 0}}, None),
        ({"profile": {}}, None),
        ({"profile": {"certifications": ["First aid"]}}, None),
        ({"franchise": {"id": str(new_id())}}, None),
        ({"zoneId": "1"}, None),
        ({"hobbies": ["chess"]}, True),
    ],
    ids=repr,
)
async def test_what_details_say(
    question: TrainerQuestion, details: dict[str, Any], found: bool | None
) -> None:
    activity = DirectoryActivity()
    handler = listing(staff_for(question, 1), **details)
    async with serving(handler) as url, asking(url, None, activity, dialect="listing") as directory:
        if found is None:
            with pytest.raises(TrainerDirectoryUnavailable):
                await directory.candidates(question)
            assert activity.last_failure_kind is FailureKind.NO_VALID_TRAINER
        else:
            assert len((await directory.candidates(question)).trainers) == found


async def test_the_franchise_may_stand_in_an_object(question: TrainerQuestion) -> None:
    franchise = {"id": str(question.franchise_id)}
    handler = listing(staff_for(question, 1), franchiseId=None, franchise=franchise)
    async with serving(handler) as url, asking(url, dialect="listing") as directory:
        assert len((await directory.candidates(question)).trainers) == 1


async def test_one_bad_entry_among_good_ones(question: TrainerQuestion) -> None:
    trainers, activity = staff_for(question, 3), DirectoryActivity()
    bad = [{"trainerId": "../health", "available": True}, {"trainerId": str(new_id())}, None]
    handler = listing(trainers, lambda entries, total: with_total([*bad, *entries], total + 3))
    async with serving(handler) as url, asking(url, None, activity, dialect="listing") as directory:
        answer = await directory.candidates(question)
    assert ids_of(answer.trainers) == ids_of(trainers)
    assert activity.trainers_left_out == 3


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": {"total": 0}},
        {"success": False, "data": []},
        {"success": True, "data": {"data": [], "total": 5}},
        {"success": True, "data": {"data": [], "total": -1}},
    ],
    ids=json.dumps,
)
async def test_a_list_that_is_none(question: TrainerQuestion, body: Any) -> None:
    handler = listing([], lambda entries, total: body)
    async with serving(handler) as url, asking(url, dialect="listing") as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)


async def test_details_that_fail_are_an_outage(question: TrainerQuestion) -> None:
    trainers = staff_for(question, 20)
    answer_of, activity = listing(trainers), DirectoryActivity()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith(str(trainers[9].id)):
            return web.Response(status=500)
        return await answer_of(request)

    async with serving(answer) as url, asking(url, None, activity, dialect="listing") as directory:
        with pytest.raises(TrainerDirectoryUnavailable, match="500"):
            await directory.candidates(question)
    assert activity.last_failure_kind is FailureKind.STATUS


@pytest.mark.parametrize("name", ["available", "zoneId"])
async def test_a_member_twice_is_refused(question: TrainerQuestion, name: str) -> None:
    answer_of, activity = listing(staff_for(question, 1)), DirectoryActivity()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await answer_of(request)
        assert isinstance(response, web.Response)
        assert response.text is not None
        twice = response.text.replace(f'"{name}"', f'"{name}": null, "{name}"')
        return web.Response(text=twice, content_type="application/json")

    async with serving(answer) as url, asking(url, None, activity, dialect="listing") as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.trainers_left_out == 0
    assert activity.last_failure_kind is FailureKind.NO_VALID_TRAINER
