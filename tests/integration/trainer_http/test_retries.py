"""Retries: which failures are asked about again, how often, and after what wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from aiohttp import web

from muster.ports.entropy import Entropy
from muster.ports.trainer_directory import TrainerDirectoryUnavailable, TrainerQuestion
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.failures import FailureKind
from muster_trainer_http.retries import wait_asked_for
from tests.integration.trainer_http.service_under_test import (
    Handler,
    a_page,
    a_record,
    asking,
    serving,
)

pytestmark = pytest.mark.anyio

HTTP_DATE = "Fri, 20 Nov 2026 08:00:{:02} GMT".format


def one_after_another(responses: Sequence[tuple[int, dict[str, str]]]) -> Handler:
    """Give each call the next response, and every later one a good page."""
    left = list(responses)

    async def answer(request: web.Request) -> web.Response:
        if not left:
            return web.Response(body=a_page(a_record()))
        status, headers = left.pop(0)
        return web.Response(status=status, headers=headers)

    return answer


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_what_may_pass_is_asked_again(question: TrainerQuestion, status: int) -> None:
    activity = DirectoryActivity()
    failures = one_after_another([(status, {})] * 3)
    async with serving(failures) as url, asking(url, activity=activity) as directory:
        assert len((await directory.candidates(question)).trainers) == 1
    assert activity.calls == 4


@pytest.mark.parametrize("status", [429, 503])
async def test_three_retries_are_enough(question: TrainerQuestion, status: int) -> None:
    activity = DirectoryActivity()
    failures = one_after_another([(status, {})] * 4)
    async with serving(failures) as url, asking(url, activity=activity) as directory:
        with pytest.raises(TrainerDirectoryUnavailable, match=str(status)):
            await directory.candidates(question)
    assert activity.calls == 4


@pytest.mark.parametrize("status", [201, 204, 302, 400, 401, 403, 404, 408, 500, 501, 505])
async def test_nothing_else_is_asked_again(question: TrainerQuestion, status: int) -> None:
    activity = DirectoryActivity()
    failures = one_after_another([(status, {"Location": "/"})])
    async with serving(failures) as url, asking(url, activity=activity) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.calls == 1


async def test_connections_that_break_are_made_again(question: TrainerQuestion) -> None:
    calls = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal calls
        calls += 1
        response = web.StreamResponse(headers={"Content-Length": str(len(a_page()))})
        if calls == 3:
            return web.Response(body=a_page(a_record()))
        assert request.transport is not None
        if calls == 2:
            await response.prepare(request)
            await response.write(a_page()[:10])
        request.transport.abort()
        return response

    async with serving(answer) as url, asking(url) as directory:
        assert len((await directory.candidates(question)).trainers) == 1
    assert calls == 3


async def test_nobody_there(question: TrainerQuestion) -> None:
    activity = DirectoryActivity()
    async with serving(one_after_another([])) as url:
        pass
    begun = time.monotonic()
    async with asking(url, activity=activity) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.calls == 4
    assert time.monotonic() - begun < 3


async def test_a_call_that_took_its_time_is_not_made_again(question: TrainerQuestion) -> None:
    activity = DirectoryActivity()
    async with (
        serving(hanging) as url,
        asking(url, activity=activity, page_seconds=0.2) as directory,
    ):
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert (activity.calls, activity.last_failure_kind) == (1, FailureKind.TIMEOUT)


async def hanging(request: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.Response()


class Drawing(Entropy):
    """Draws always the same part of what can be drawn."""

    def __init__(self, part: float) -> None:
        self._part = part

    def bits(self, count: int) -> int:
        return int(2**count * self._part)


@pytest.mark.parametrize(("part", "least", "most"), [(0.0, 0.0, 1.5), (0.75, 0.525, 2.0)])
async def test_waits_are_drawn_from_the_port(
    question: TrainerQuestion, part: float, least: float, most: float
) -> None:
    failures = one_after_another([(503, {})] * 3)
    begun = time.monotonic()
    async with (
        serving(failures) as url,
        asking(url, entropy=Drawing(part), retry_seconds=0.1) as directory,
    ):
        await directory.candidates(question)
    # At most 0.1, then 0.2, then 0.4 seconds.
    assert least <= time.monotonic() - begun < most


async def test_the_wait_that_the_service_asks_for(question: TrainerQuestion) -> None:
    failures = one_after_another([(429, {"Retry-After": "1"})])
    begun = time.monotonic()
    async with serving(failures) as url, asking(url, retry_seconds=0) as directory:
        await directory.candidates(question)
    assert 1 <= time.monotonic() - begun < 3


async def test_a_wait_beyond_the_question_is_not_waited_for(question: TrainerQuestion) -> None:
    activity = DirectoryActivity()
    failures = one_after_another([(429, {"Retry-After": "3600"})])
    begun = time.monotonic()
    async with serving(failures) as url, asking(url, activity=activity) as directory:
        with pytest.raises(TrainerDirectoryUnavailable, match="429"):
            await directory.candidates(question)
    assert time.monotonic() - begun < 2
    assert activity.calls == 1


async def test_retries_end_with_the_question(question: TrainerQuestion) -> None:
    failures = one_after_another([(503, {})] * 100)
    begun = time.monotonic()
    async with (
        serving(failures) as url,
        asking(url, retries=10, retry_seconds=5, question_seconds=0.5) as directory,
    ):
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "9" * 5_000}, 999_999_999),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": HTTP_DATE(5)}, None),
        ({"Retry-After": HTTP_DATE(5), "Date": HTTP_DATE(2)}, 3),
        ({"Retry-After": HTTP_DATE(2), "Date": HTTP_DATE(5)}, 0),
    ],
)
def test_how_a_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked_for(headers) == seconds
