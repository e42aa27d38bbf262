"""Workers as processes: killed, frozen, told to end; nothing is lost and nothing done twice."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.jobs.chores import Chore
from tests.jobs.stage import Stage, working

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]


async def test_whoever_kills_workers_loses_no_job(
    stage: Stage, clean_database: str, pytestconfig: pytest.Config
) -> None:
    """With ``--deep`` 1,000 jobs and 10 kills."""
    jobs, kills = (1_000, 10) if pytestconfig.getoption("--deep") else (100, 3)
    chance = random.Random(pytestconfig.option.hypothesis_seed)
    await stage.ask("note", *(Chore(number, 0.02) for number in range(jobs)))

    for _ in range(kills):
        with working(clean_database, concurrency="4") as (worker,):
            await asyncio.sleep(chance.uniform(0.05, 0.4))
            worker.kill()
    with working(clean_database, count=2):
        await stage.until_states(DONE=jobs)

    assert await stage.noted() == Counter(range(jobs))
    again = await stage.rows("SELECT count(*) FROM jobs WHERE attempts > 1")
    assert again != [(0,)], "no kill hit a job; the test tests nothing"


async def test_a_job_that_kills_its_workers_dies_for_good(
    stage: Stage, clean_database: str
) -> None:
    (order,) = await stage.ask("deadly", Chore(1))
    for _ in range(2):
        with working(clean_database) as (worker,):
            assert worker.ended() == -signal.SIGKILL
    with working(clean_database):
        await stage.until_states(DEAD=1)
    record = await stage.queue.get(order.id)
    assert record is not None
    assert record.error == "No attempt ended: its worker ended first."
    assert record.correlation_id == "example"


async def test_a_frozen_worker_that_comes_back_cannot_commit(
    stage: Stage, clean_database: str, tmp_path: Path
) -> None:
    """Another one has taken its job over, and done it."""
    (order,) = await stage.ask("command", Chore(7, place=str(tmp_path)))
    with working(clean_database) as (frozen,):
        await stage.until(_there(tmp_path / "begun-1"))
        frozen.signal(signal.SIGSTOP)
        with working(clean_database) as (other,):
            await stage.until(_there(tmp_path / "begun-2"))
            (tmp_path / "go").touch()
            await stage.until_states(DONE=1, WAITING=1)
            other.kill()
        frozen.signal(signal.SIGCONT)
        await stage.until(_there(tmp_path / "refused-1"))
    assert await stage.rows("SELECT name FROM franchises") == [("Chore 7 attempt 2",)]
    record = await stage.queue.get(order.id)
    assert record is not None
    assert (record.result, record.attempts) == ('"Chore 7 attempt 2"', 2)


async def test_told_to_end_a_worker_finishes_or_hands_back_what_it_has(
    stage: Stage, clean_database: str
) -> None:
    """Within its grace time; what it hands back counts as not tried, and waits for no lease."""
    await stage.ask("note", *(Chore(number, 0.01) for number in range(200)))
    slow = await stage.ask("note", Chore(1_000, 0.3), Chore(1_001, 3_600))
    with working(clean_database, grace_seconds="1", lease_seconds="30") as (worker,):
        worker.signal(signal.SIGTERM)
        assert worker.ended(seconds=10) == 0
    states = await stage.states()
    assert set(states) <= {"DONE", "WAITING"}
    assert await stage.rows("SELECT max(attempts) FROM jobs WHERE state = 'WAITING'") == [(0,)]

    await stage.cancel(slow[1].id)
    with working(clean_database):
        await stage.until_states(DONE=201, CANCELLED=1)
    assert await stage.noted() == Counter([*range(200), 1_000])


def _there(place: Path) -> Callable[[], Awaitable[bool]]:
    async def there() -> bool:
        return await asyncio.to_thread(place.exists)

    return there
