"""Schedules that are none are found when the app starts, whoever would ask for their jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from muster.plugin_api import (
    JOB_TYPES,
    CompositionError,
    JobType,
    Manifest,
    SettingsLookup,
    hookimpl,
)
from muster.runtime.bootstrap import bootstrap
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of
from tests.jobs.chores import Chore, note
from tests.jobs.stage import Stage, settings
from tests.jobs.worker_process import PLUGINS

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]


class Daily(Chore, frozen=True):
    number: int = 0


@pytest.mark.parametrize("schedule", ["61 * * * *", "0 0 30 2 *"])
async def test_a_server_that_does_no_jobs_does_not_start_with_one(
    clean_database: str, schedule: str
) -> None:
    """It shows when jobs come next, and could not."""

    class Broken:
        MANIFEST: ClassVar[Manifest] = Manifest(name="broken", api_version=1)

        @hookimpl
        def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
            return [JobType(name="daily", payload=Daily, handle=note, schedule=schedule)]

    given = settings(clean_database, work_in_server="false")
    given["MUSTER_PLUGINS__ENABLED"] += ",broken"
    app = bootstrap(given, [*PLUGINS, Broken])
    with pytest.raises(CompositionError, match="broken/daily"):
        async with app.running(serving=True):
            raise AssertionError("it started")


async def test_a_worker_of_other_queues_does_not_start_with_one(stage: Stage) -> None:
    types = dict(stage.ports.get(JOB_TYPES).by_name())
    types["jobs/clean-up"] = replace(types["jobs/clean-up"], schedule="* * * *")
    place = workplace_of(stage.ports, asyncio.sleep)
    section = stage.app.settings.section(JobsSettings)
    with pytest.raises(CompositionError, match="jobs/clean-up"):
        JobWorker(place, types, section, queues=["follow"])
