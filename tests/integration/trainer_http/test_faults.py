"""Faults on demand: what the directory makes of each, in what time, and how it recovers."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from muster.domain.receipts import DirectorySource
from muster.ports.trainer_directory import TrainerDirectoryUnavailable, TrainerQuestion
from muster.testing.clock import FakeClock
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.failures import FailureKind
from muster_trainer_http.sandbox import Sandbox
from tests.integration.trainer_http.service_under_test import (
    MemoryStore,
    a_page,
    a_record,
    asking,
    ids_of,
    remembering,
    serving,
    staff_for,
)

pytestmark = pytest.mark.anyio


async def put_faults(url: str, **faults: Any) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.put(f"{url}/sandbox/faults", json=faults) as response,
    ):
        return response.status


async def end_faults(url: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.delete(f"{url}/sandbox/faults") as response,
    ):
        assert response.status == 200


FAULTS = [
    ({"latencySeconds": 60}, FailureKind.TIMEOUT),
    ({"status": 500}, FailureKind.STATUS),
    ({"status": 503}, FailureKind.STATUS),
    ({"garbage": "<html>maintenance</html>"}, FailureKind.NOT_THE_CONTRACT),
    ({"garbage": a_page(a_record()).decode()[:-20]}, FailureKind.NOT_THE_CONTRACT),
    ({"garbage": "null"}, FailureKind.NOT_THE_CONTRACT),
    ({"garbage": ""}, FailureKind.NOT_THE_CONTRACT),
    ({"cut": True}, FailureKind.CONNECTION),
    ({"huge": True}, FailureKind.TOO_LARGE),
]


@pytest.mark.parametrize(("faults", "kind"), FAULTS, ids=repr)
async def test_an_outage_is_told_in_time_and_ends(
    question: TrainerQuestion, clock: FakeClock, faults: dict[str, Any], kind: FailureKind
) -> None:
    trainers, activity = staff_for(question, 3), DirectoryActivity()
    async with (
        Sandbox(trainers) as url,
        asking(
            url, clock, activity, page_seconds=1, retry_seconds=0.01, breaker_failures=2
        ) as directory,
    ):
        assert await put_faults(url, **faults) == 200
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(TrainerDirectoryUnavailable):
                await directory.candidates(question)
            assert time.monotonic() - begun < 3
        assert activity.last_failure_kind is kind
        await end_faults(url)
        begun = time.monotonic()
        with pytest.raises(TrainerDirectoryUnavailable, match="left alone"):
            await directory.candidates(question)
        assert time.monotonic() - begun < 0.1
        clock.advance(timedelta(seconds=10))
        answer = await directory.candidates(question)
    assert ids_of(answer.trainers) == ids_of(trainers)


@pytest.mark.parametrize(("faults", "kind"), FAULTS[1:4], ids=repr)
async def test_a_snapshot_bridges_it(
    question: TrainerQuestion, clock: FakeClock, faults: dict[str, Any], kind: FailureKind
) -> None:
    trainers = staff_for(question, 3)
    async with (
        Sandbox(trainers) as url,
        remembering(url, clock, MemoryStore(), retries=0) as directory,
    ):
        await directory.candidates(question)
        await put_faults(url, **faults)
        clock.advance(timedelta(seconds=60))
        bridged = await directory.candidates(question)
        clock.advance(timedelta(minutes=15))
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert bridged.source is DirectorySource.SNAPSHOT
    assert ids_of(bridged.trainers) == ids_of(trainers)


async def test_a_slow_service_is_waited_for(question: TrainerQuestion) -> None:
    async with Sandbox(staff_for(question, 3)) as url, asking(url) as directory:
        await put_faults(url, latencySeconds=0.5)
        assert len((await directory.candidates(question)).trainers) == 3


async def test_the_gigabyte_is_not_read(question: TrainerQuestion) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while sent < 1_000_000_000:
                await response.write(b" " * 65_536)
                sent += 65_536
        except ConnectionError:
            pass
        return response

    async with serving(pour) as url, asking(url, max_body_bytes=1_000_000) as directory:
        with pytest.raises(TrainerDirectoryUnavailable, match="1000000 bytes"):
            await directory.candidates(question)
    # What stood in the buffers of both sockets was sent, but no more.
    assert sent < 50_000_000


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_elsewhere_is_never_asked(question: TrainerQuestion, status: int) -> None:
    elsewhere = Sandbox(staff_for(question, 3))
    async with elsewhere as other, Sandbox() as url, asking(url) as directory:
        await put_faults(url, redirectTo=f"{other}/api/v1/trainers/bulk", status=status)
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)
    assert elsewhere.calls == {}


async def test_faults_for_some_calls(question: TrainerQuestion) -> None:
    sandbox = Sandbox(staff_for(question, 3))
    async with sandbox as url, asking(url, retry_seconds=0.01) as directory:
        await put_faults(url, status=502, times=3)
        assert len((await directory.candidates(question)).trainers) == 3
    assert sandbox.calls["bulk"] == 4


@pytest.mark.parametrize(
    "faults",
    [{"stauts": 500}, {"status": 100}, {"status": "500"}, {"times": 0}, {"latencySeconds": -1},
     {"redirectTo": "http://a\r\nb: c"}],
    ids=repr,
)  # fmt: skip
async def test_faults_that_cannot_be_meant(faults: dict[str, Any]) -> None:
    async with Sandbox() as url:
        assert await put_faults(url, **faults) == 400
