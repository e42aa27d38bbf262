"""PostgreSQL restarted under load: workers come back by themselves, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from muster_postgres import migrations
from tests.faults.restartable_postgres import restartable_postgres
from tests.jobs.chores import Chore
from tests.jobs.stage import Stage, staged, working

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]

JOBS = 150


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter; pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="muster-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


async def test_restarted_under_load(home: Path) -> None:
    """In order, and as in a crash."""
    with restartable_postgres(home / "postgres") as postgres:
        await migrations.upgrade_async(postgres.url)
        async with staged(postgres.url) as stage:
            await stage.ask("note", *(Chore(number, 0.02) for number in range(JOBS)))
            with working(postgres.url, concurrency="4"):
                modes: tuple[Literal["fast", "immediate"], ...] = ("fast", "immediate")
                for done, mode in enumerate(modes, start=1):
                    await _until_noted(stage, done * JOBS // 4)
                    await asyncio.to_thread(postgres.stop, mode)
                    await asyncio.to_thread(postgres.start)
                await stage.until_states(DONE=JOBS)
            assert await stage.noted() == Counter(range(JOBS))


async def _until_noted(stage: Stage, number: int) -> None:
    async def reached() -> bool:
        return (await stage.states())["DONE"] >= number

    await stage.until(reached)
