"""Windows in the process and in a real Redis are the same; without Redis those of the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from muster_edge.counters import Charge, Counters, CountersAway
from muster_edge.falling_back import SECONDS_BETWEEN_ATTEMPTS, FallingBack
from muster_edge.limit_table import Limit
from muster_edge.process_counters import ProcessCounters
from muster_edge.redis_counters import RedisCounters
from tests.redis_servers import RedisServer, redis_server

pytestmark = pytest.mark.anyio

TEN = Limit(10, 60)


class Watch:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def module_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """For a test that ends or freezes it."""
    with redis_server() as server:
        yield server


@pytest.fixture(params=["process", "redis"])
async def counters(request: pytest.FixtureRequest) -> AsyncIterator[Counters]:
    if request.param == "process":
        yield ProcessCounters(asyncio.get_running_loop().time)
        return
    shared = RedisCounters(request.getfixturevalue("module_redis").url, 10.0)
    yield shared
    await shared.close()


async def used(counters: Counters, charge: Charge) -> int:
    looked = await counters.charge([Charge(charge.key, charge.limit, 0)])
    return looked.counts[0].used


async def test_exactly_as_many_pass_at_once_as_may(counters: Counters) -> None:
    charge = Charge("at-once", TEN)
    tallies = await asyncio.gather(*(counters.charge([charge]) for _ in range(200)))
    assert sum(tally.passed for tally in tallies) == 10
    assert await used(counters, charge) == 10


async def test_all_windows_count_or_none(counters: Counters) -> None:
    small, large = Charge("small", Limit(1, 60)), Charge("large", TEN)
    assert (await counters.charge([large, small])).passed
    tally = await counters.charge([large, small])
    assert not tally.passed
    assert [count.used for count in tally.counts] == [1, 1]
    assert (await counters.charge([large])).counts[0].used == 2


async def test_looking_counts_nothing_and_refuses_when_full(counters: Counters) -> None:
    looking, counting = Charge("looked", Limit(1, 60), 0), Charge("looked", Limit(1, 60))
    assert (await counters.charge([looking])).passed
    assert (await counters.charge([counting])).passed
    assert not (await counters.charge([looking, Charge("beside", TEN)])).passed
    assert await used(counters, Charge("beside", TEN)) == 0


async def test_a_window_is_opened_by_its_first_request_and_ends(counters: Counters) -> None:
    charge = Charge("short", Limit(1, 1))
    tally = await counters.charge([charge])
    assert tally.passed
    assert 0 < tally.counts[0].seconds_left <= 1
    refused = await counters.charge([charge])
    assert not refused.passed
    await asyncio.sleep(refused.counts[0].seconds_left + 0.01)
    assert (await counters.charge([charge])).passed


async def test_a_cancelled_call_leaves_no_answer_for_the_next(module_redis: RedisServer) -> None:
    shared = RedisCounters(module_redis.url, 10.0)
    for number in range(200):
        task = asyncio.create_task(shared.charge([Charge("cancelled", Limit(100_000, 60))]))
        for _ in range(number % 8):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        tally = await shared.charge([Charge(f"own-{number}", TEN), Charge("both", TEN, 0)])
        assert [count.used for count in tally.counts] == [1, 0]
    await shared.close()


async def test_who_waits_behind_a_silent_redis_waits_but_once(redis: RedisServer) -> None:
    shared = RedisCounters(redis.url, 0.3)
    assert (await shared.charge([Charge("warm", TEN)])).passed
    redis.freeze()
    loop = asyncio.get_running_loop()
    began = loop.time()
    calls = (shared.charge([Charge("silent", TEN)]) for _ in range(400))
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(one) for one in found} == {CountersAway}
    # One after another in sixteen lines, they would wait for 7.5 s.
    assert loop.time() - began < 4
    await shared.close()


async def test_an_outage_is_counted_here_and_logged_once(redis: RedisServer) -> None:
    watch = Watch()
    shared = RedisCounters(redis.url, 5.0)
    counters = FallingBack(shared, ProcessCounters(watch), watch)
    charge = Charge("caller", TEN)

    async def passed(requests: int) -> int:
        tallies = [await counters.charge([charge]) for _ in range(requests)]
        return sum(tally.passed for tally in tallies)

    with capture_logs() as logs:
        assert await passed(20) == 10
        redis.kill()
        assert await passed(20) == 10
        watch.seconds += SECONDS_BETWEEN_ATTEMPTS
        assert await passed(5) == 0
        redis.start()
        assert await passed(5) == 0, "it is not looked for yet"
        watch.seconds += SECONDS_BETWEEN_ATTEMPTS
        assert await passed(20) == 10
        redis.kill()
        assert await passed(1) == 0
    await shared.close()
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("limits_not_shared", "warning"),
        ("limits_shared_again", "info"),
        ("limits_not_shared", "warning"),
    ]
