"""How long and how much the directory waits for, reads and believes."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import web

from muster.ports.trainer_directory import TrainerDirectoryUnavailable, TrainerQuestion
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.failures import FailureKind
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import (
    a_page,
    a_record,
    asking,
    serving,
    staff_for,
)

pytestmark = pytest.mark.anyio


async def test_a_service_that_accepts_and_hangs(question: TrainerQuestion) -> None:
    never = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    activity = DirectoryActivity()
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        begun = time.monotonic()
        async with asking(url, activity=activity, page_seconds=0.3) as directory:
            with pytest.raises(TrainerDirectoryUnavailable):
                await directory.candidates(question)
        assert 0.25 < time.monotonic() - begun < 2.5
        never.set()
    assert activity.last_failure_kind is FailureKind.TIMEOUT


async def test_a_service_that_drips(question: TrainerQuestion) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for byte in a_page():
            await response.write(bytes([byte]))
            await asyncio.sleep(0.05)
        return response

    begun = time.monotonic()
    async with serving(drip) as url, asking(url, page_seconds=0.3) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert time.monotonic() - begun < 2.5


async def test_the_whole_question_has_a_time_of_its_own(question: TrainerQuestion) -> None:
    calls = 0

    async def slow(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.2)
        return web.Response(body=a_page(a_record(), cursor=str(calls)))

    begun = time.monotonic()
    async with serving(slow) as url, asking(url, question_seconds=0.7) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert time.monotonic() - begun < 2.5
    assert 1 < calls < 5


async def test_pages_without_an_end(question: TrainerQuestion) -> None:
    calls = 0

    async def more(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.Response(body=a_page(cursor=str(calls)))

    activity = DirectoryActivity()
    async with serving(more) as url, asking(url, activity=activity) as directory:
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.last_failure_kind is FailureKind.ENDLESS_PAGES
    assert calls == activity.calls <= 103


async def test_more_trainers_than_are_believed(question: TrainerQuestion) -> None:
    activity = DirectoryActivity()
    async with (
        Sandbox(staff_for(question, 31)) as url,
        asking(url, activity=activity, max_trainers=30, page_limit=10) as directory,
    ):
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert activity.last_failure_kind is FailureKind.TOO_LARGE
