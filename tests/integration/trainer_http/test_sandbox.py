"""The sample service: the bulk contract to the letter, and the routes that steer it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from msgspec.structs import replace

from muster.domain.trainers import Trainer
from muster.ports.trainer_directory import TrainerQuestion
from muster.testing.examples import new_id
from muster_trainer_http.bulk_wire import read_trainer, write_trainer
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import a_record, staff_for

pytestmark = pytest.mark.anyio

BULK = "/api/v1/trainers/bulk"


async def call(
    url: str, path: str, method: str = "GET", **request: Any
) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url + path, **request) as response,
    ):
        return response.status, await response.json()


async def ids(url: str, query: str = "") -> list[str]:
    status, body = await call(url, f"{BULK}?{query}")
    assert status == 200
    return [record["id"] for record in body["data"]]


def as_array(trainers: list[Trainer]) -> bytes:
    return b"[" + b",".join(bytes(write_trainer(trainer)) for trainer in trainers) + b"]"


async def test_the_shape_of_an_answer(question: TrainerQuestion) -> None:
    record = a_record()
    async with Sandbox([read_trainer(json.dumps(record).encode())]) as url:
        status, body = await call(url, BULK)
    assert status == 200
    assert datetime.fromisoformat(body.pop("asOf")).tzinfo is not None
    assert body == {"data": [record], "page": {"nextCursor": None}}


async def test_the_filters(question: TrainerQuestion) -> None:
    one, company, elsewhere, idle = staff_for(question, 4)
    company = replace(company, franchise_id=None)
    elsewhere = replace(elsewhere, zone_ids=frozenset({new_id()}))
    idle = replace(idle, active=False, certified_courses=frozenset({new_id()}))
    everyone = [str(one.id), str(company.id), str(elsewhere.id), str(idle.id)]
    async with Sandbox([idle, elsewhere, company, one]) as url:
        assert await ids(url) == everyone
        assert await ids(url, "franchiseId=none") == [str(company.id)]
        assert await ids(url, f"zoneId={question.zone_id}") == [
            str(one.id),
            str(company.id),
            str(idle.id),
        ]
        assert await ids(url, f"courseId={question.course_id}&active=true") == everyone[:3]
        assert await ids(url, "active=false") == [str(idle.id)]
        assert await ids(url, f"ids={one.id},{idle.id},{new_id()}") == [str(one.id), str(idle.id)]
        assert await ids(url, f"franchiseId={new_id()}") == []


async def test_pages(question: TrainerQuestion) -> None:
    trainers = staff_for(question, 7)
    seen: list[str] = []
    query, pages = "limit=3", 0
    async with Sandbox(trainers) as url:
        while query:
            _, body = await call(url, f"{BULK}?{query}")
            seen += [record["id"] for record in body["data"]]
            pages += 1
            cursor = body["page"]["nextCursor"]
            query = "" if cursor is None else f"limit=3&cursor={quote(cursor)}"
    assert seen == [str(trainer.id) for trainer in trainers]
    assert pages == 3


@pytest.mark.parametrize(
    "query",
    [
        "franchiseId=",
        "franchiseId=company",
        "zoneId=1",
        "zoneId=018f00000000700080000000000000aa",
        "courseId={018f0000-0000-7000-8000-0000000000aa}",
        "active=yes",
        "active=TRUE",
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=five",
        "cursor=zzz",
        "cursor=%C3%A9",
        "ids=",
        "ids=1,2",
        "ids=" + ",".join(["018f0000-0000-7000-8000-0000000000aa"] * 501),
        "active=true&active=true",
        "colour=red",
    ],
    ids=lambda query: query[:40],
)
async def test_bad_input(query: str) -> None:
    async with Sandbox() as url:
        status, body = await call(url, f"{BULK}?{query}")
    assert status == 400
    assert body["error"]["message"]


async def test_500_ids_in_one_question(question: TrainerQuestion) -> None:
    trainers = staff_for(question, 502)
    asked = [str(trainer.id) for trainer in trainers[1:501]]
    async with Sandbox(trainers) as url:
        assert await ids(url, "ids=" + ",".join(asked)) == asked


async def test_health_and_the_count_of_calls() -> None:
    async with Sandbox() as url:
        assert await call(url, "/health") == (200, {"status": "ok"})
        await ids(url)
        assert (await call(url, f"{BULK}?limit=0"))[0] == 400
        _, counted = await call(url, "/sandbox/calls")
        assert counted == {"bulk": 2, "listing": 0, "details": 0, "health": 1}
        _, counted = await call(url, "/sandbox/calls", "DELETE")
        assert set(counted.values()) == {0}


async def test_the_token() -> None:
    async with Sandbox(token="s3cret") as url:
        for path in (BULK, "/sandbox/calls"):
            assert (await call(url, path))[0] == 401
            wrong = {"Authorization": "Bearer s3cre"}
            assert (await call(url, path, headers=wrong))[0] == 401
            right = {"Authorization": "Bearer s3cret"}
            assert (await call(url, path, headers=right))[0] == 200
        assert (await call(url, "/health"))[0] == 200


async def test_the_roster_can_be_replaced_and_added_to(question: TrainerQuestion) -> None:
    first, second, third = staff_for(question, 3)
    async with Sandbox([first]) as url:
        assert await call(url, "/sandbox/trainers", "PUT", data=as_array([second])) == (
            200,
            {"trainers": 1},
        )
        renamed = replace(second, name="Somebody Else")
        assert await call(url, "/sandbox/trainers", "POST", data=as_array([third, renamed])) == (
            200,
            {"trainers": 2},
        )
        _, body = await call(url, BULK)
    assert [record["name"] for record in body["data"]] == ["Somebody Else", third.name]


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[null]", b'[{"id": 1}]', b"[1, 2"])
async def test_a_roster_that_is_refused_changes_nothing(
    question: TrainerQuestion, body: bytes
) -> None:
    (known,) = staff_for(question, 1)
    async with Sandbox([known]) as url:
        for method in ("PUT", "POST"):
            status, refusal = await call(url, "/sandbox/trainers", method, data=body)
            assert status == 400
            assert "trainer" in refusal["error"]["message"]
        assert await ids(url) == [str(known.id)]


async def test_a_roster_of_the_size_of_a_country(question: TrainerQuestion) -> None:
    body = as_array(staff_for(question, 10_000))
    assert len(body) > 2_000_000
    async with Sandbox() as url:
        assert await call(url, "/sandbox/trainers", "PUT", data=body) == (200, {"trainers": 10_000})


async def test_sample_trainers_for_whom_the_roster_does_not_know(
    question: TrainerQuestion,
) -> None:
    query = f"franchiseId={question.franchise_id}&zoneId={question.zone_id}"
    asked = f"{query}&courseId={question.course_id}&active=true"
    async with Sandbox(generate=5) as url:
        _, body = await call(url, f"{BULK}?{asked}")
        assert await ids(url, f"{query}&courseId={new_id()}") != await ids(url, asked)
        assert await ids(url, query) == []
        assert await ids(url, f"{asked}&limit=2") == [one["id"] for one in body["data"][:2]]
        assert await ids(url, asked.replace("true", "false")) == []
    async with Sandbox(generate=5) as url:
        _, again = await call(url, f"{BULK}?{asked}")
    assert again["data"] == body["data"]
    trainers = [read_trainer(json.dumps(record).encode()) for record in body["data"]]
    assert len({trainer.name for trainer in trainers}) == 5
    for trainer in trainers:
        assert trainer.active
        assert trainer.franchise_id == question.franchise_id
        assert trainer.zone_ids == {question.zone_id}
        assert trainer.certified_courses == {question.course_id}
        assert (trainer.location, trainer.weekly_hours, trainer.leave) == (None, None, ())


async def test_no_samples_where_the_roster_knows_somebody(question: TrainerQuestion) -> None:
    (known,) = staff_for(question, 1)
    rest = f"zoneId={question.zone_id}&courseId={question.course_id}"
    async with Sandbox([known], generate=5) as url:
        assert await ids(url, f"franchiseId={question.franchise_id}&{rest}") == [str(known.id)]
        assert await ids(url, f"franchiseId=none&{rest}") == []
