"""The breaker: when it opens, who tries, and what closes it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from muster.ports.trainer_directory import (
    TrainerDirectory,
    TrainerDirectoryUnavailable,
    TrainerQuestion,
)
from muster.testing.clock import FakeClock
from muster_trainer_http.activity import DirectoryActivity
from muster_trainer_http.breaker import Breaker, BreakerOpen, BreakerState
from tests.integration.trainer_http.service_under_test import (
    a_page,
    a_record,
    always,
    asking,
    serving,
)

pytestmark = pytest.mark.anyio

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
TEN_SECONDS = timedelta(seconds=10)


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(clock, failures=5, open_seconds=10)


def fail(breaker: Breaker, times: int = 5) -> None:
    for _ in range(times):
        breaker.failed(breaker.admit())


def test_it_says_what_it_can_spare(breaker: Breaker, clock: FakeClock) -> None:
    assert breaker.spare_failures == 4
    fail(breaker, 4)
    assert breaker.spare_failures == 0
    breaker.succeeded(breaker.admit())
    assert breaker.spare_failures == 4
    fail(breaker, 4)
    breaker.forgive()
    assert breaker.spare_failures == 4
    fail(breaker)
    breaker.forgive()
    assert (breaker.spare_failures, breaker.state) == (0, OPEN)
    assert Breaker(clock, 1, 10.0).spare_failures == 1, "else nothing could ever be asked"


def test_five_failures_in_a_row_open_it(breaker: Breaker) -> None:
    fail(breaker, 4)
    breaker.succeeded(breaker.admit())
    fail(breaker, 4)
    assert breaker.state is CLOSED
    fail(breaker, 1)
    assert breaker.state is OPEN
    with pytest.raises(BreakerOpen):
        breaker.admit()


def test_one_probe_after_ten_seconds(breaker: Breaker, clock: FakeClock) -> None:
    fail(breaker)
    clock.advance(TEN_SECONDS - timedelta(microseconds=1))
    assert breaker.state is OPEN
    clock.advance(timedelta(microseconds=1))
    assert breaker.state is HALF_OPEN
    probe = breaker.admit()
    clock.advance(TEN_SECONDS * 10)
    with pytest.raises(BreakerOpen):
        breaker.admit()
    breaker.failed(probe)
    assert breaker.state is OPEN
    clock.advance(TEN_SECONDS)
    breaker.succeeded(breaker.admit())
    assert breaker.state is CLOSED
    fail(breaker, 4)
    assert breaker.state is CLOSED


def test_a_probe_that_nobody_waits_for_makes_room_for_the_next(
    breaker: Breaker, clock: FakeClock
) -> None:
    fail(breaker)
    clock.advance(TEN_SECONDS)
    breaker.abandoned(breaker.admit())
    assert breaker.state is HALF_OPEN
    breaker.succeeded(breaker.admit())
    assert breaker.state is CLOSED


def test_who_asked_before_it_opened_changes_nothing(breaker: Breaker, clock: FakeClock) -> None:
    early, late = breaker.admit(), breaker.admit()
    fail(breaker)
    breaker.succeeded(early)
    assert breaker.state is OPEN
    clock.advance(TEN_SECONDS)
    breaker.failed(late)
    assert breaker.state is HALF_OPEN


def test_a_clock_set_back_does_not_keep_it_open(breaker: Breaker, clock: FakeClock) -> None:
    fail(breaker)
    clock.advance(timedelta(hours=-1))
    assert breaker.state is HALF_OPEN


def test_each_change_is_one_line(breaker: Breaker, clock: FakeClock) -> None:
    with capture_logs() as logs:
        fail(breaker)
        clock.advance(TEN_SECONDS)
        breaker.abandoned(breaker.admit())
        breaker.failed(breaker.admit())
        clock.advance(TEN_SECONDS)
        breaker.succeeded(breaker.admit())
        breaker.succeeded(breaker.admit())
    assert [(line["event"], line["before"], line["state"]) for line in logs] == [
        ("trainer_breaker", "closed", "open"),
        ("trainer_breaker", "open", "half-open"),
        ("trainer_breaker", "half-open", "open"),
        ("trainer_breaker", "open", "half-open"),
        ("trainer_breaker", "half-open", "closed"),
    ]


async def refuse(directory: TrainerDirectory, question: TrainerQuestion, times: int) -> None:
    for _ in range(times):
        with pytest.raises(TrainerDirectoryUnavailable):
            await directory.candidates(question)


async def test_of_fifty_one_tries(question: TrainerQuestion, clock: FakeClock) -> None:
    activity, gate, well = DirectoryActivity(), asyncio.Event(), False

    async def answer(request: web.Request) -> web.Response:
        if not well:
            return web.Response(status=500)
        await gate.wait()
        return web.Response(body=a_page(a_record()))

    async with serving(answer) as url, asking(url, clock, activity) as directory:
        await refuse(directory, question, 10)
        assert activity.calls == 5
        clock.advance(TEN_SECONDS)
        well = True
        asked = [asyncio.create_task(directory.candidates(question)) for _ in range(50)]
        done, (probe,) = await asyncio.wait(asked, timeout=1)
        assert activity.calls == 6
        assert all(isinstance(one.exception(), TrainerDirectoryUnavailable) for one in done)
        gate.set()
        assert len((await probe).trainers) == 1
        await asyncio.gather(*(directory.candidates(question) for _ in range(50)))
    assert activity.calls == 56


async def test_bad_data_of_one_operator_stops_no_other(question: TrainerQuestion) -> None:
    activity = DirectoryActivity()
    body = a_page(a_record(id="not-an-id"))
    async with serving(always(body)) as url, asking(url, activity=activity) as directory:
        await refuse(directory, question, 10)
    assert activity.calls == 10
