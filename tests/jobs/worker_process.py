"""``muster worker`` with the chores of the tests: a process that may be killed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from multiprocessing.connection import Connection

from muster.plugin_api import JOB_TYPES
from muster.runtime.bootstrap import bootstrap
from muster_jobs.commands import work_until_told
from muster_jobs.plugin import JobsPlugin
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from tests.jobs.chores import ChoresPlugin

PLUGINS = (PostgresPlugin, TrainerHttpPlugin, JobsPlugin, ChoresPlugin)


def run(environ: Mapping[str, str], queue: str, begun: Connection) -> None:
    asyncio.run(_work(environ, queue, begun))


async def _work(environ: Mapping[str, str], queue: str, begun: Connection) -> None:
    application = bootstrap(environ, PLUGINS)
    settings = application.settings.section(JobsSettings)
    async with application.running():
        types = application.ports.get(JOB_TYPES).by_name()
        chores = {name: one for name, one in types.items() if name.startswith("chores/")}
        place = workplace_of(application.ports, asyncio.sleep)
        worker = JobWorker(place, chores, settings, queues=[queue])
        await work_until_told(worker, settings.grace_seconds, begun.send)
