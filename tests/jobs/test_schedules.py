"""Schedules that are none are found when the app starts, whoever would ask for their jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from muster.plugin_api import (
    CompositionError,
    JobType,
    Manifest,
    SettingsLookup,
    hookimpl,
)
from muster.runtime.bootstrap import Application, bootstrap
from muster_jobs.commands import worker_command
from muster_jobs.settings import JobsSettings
from tests.jobs.chores import Chore, note
from tests.jobs.stage import settings
from tests.jobs.worker_process import PLUGINS

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]


class Daily(Chore, frozen=True):
    number: int = 0


def app_with(schedule: str, database_url: str) -> Application:
    """An app with a job of a schedule that is none."""

    class Broken:
        MANIFEST: ClassVar[Manifest] = Manifest(name="broken", api_version=1)

        @hookimpl
        def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
            return [JobType(name="daily", payload=Daily, handle=note, schedule=schedule)]

    given = settings(database_url, work_in_server="false")
    given["MUSTER_PLUGINS__ENABLED"] += ",broken"
    return bootstrap(given, [*PLUGINS, Broken])


@pytest.mark.parametrize("schedule", ["61 * * * *", "0 0 30 2 *"])
async def test_a_server_that_does_no_jobs_does_not_start_with_one(
    clean_database: str, schedule: str
) -> None:
    """It shows when jobs come next, and could not."""
    app = app_with(schedule, clean_database)
    with pytest.raises(CompositionError, match="broken/daily"):
        async with app.running(serving=True):
            raise AssertionError("it started")


async def test_a_worker_of_other_queues_does_not_start_with_one(clean_database: str) -> None:
    app = app_with("* * * *", clean_database)
    work = worker_command(app.settings.section(JobsSettings)).callback
    assert work is not None
    async with app.running(), asyncio.timeout(10):
        with pytest.raises(CompositionError, match="broken/daily"):
            await work(app.ports, concurrency=None, queues=("follow",))
