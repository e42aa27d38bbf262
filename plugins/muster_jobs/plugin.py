"""The plugin: how work in the background comes into Muster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from muster.plugin_api import (
    JOB_TYPES,
    CliCommand,
    HttpRoutes,
    JobType,
    LifespanStep,
    Manifest,
    PortLookup,
    PortProvider,
    SettingsLookup,
    hookimpl,
)
from muster.ports.clock import CLOCK
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.unit_of_work import UNIT_OF_WORK
from muster_jobs.admin_routes import admin_routes
from muster_jobs.commands import worker_command
from muster_jobs.dead_jobs import jobs_command
from muster_jobs.desk import Desk, desk_of
from muster_jobs.event_stream import StreamTimes
from muster_jobs.first_types import first_types
from muster_jobs.gauges import offer_gauges
from muster_jobs.queue import PostgresJobQueue
from muster_jobs.schedules import check_schedules
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of

__all__ = ["JobsPlugin"]

_GRACE_IN_SERVER_SECONDS = 1.0
"""A server has little time to close what it holds open."""


class JobsPlugin:
    """Jobs in PostgreSQL, and workers; each app has an instance of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(
        name="jobs", api_version=1, requires=("postgres",), settings=JobsSettings
    )

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._desk: Desk | None = None

    @hookimpl
    def provide_ports(self, settings: SettingsLookup) -> Sequence[PortProvider[Any]]:
        """Offer the queue."""
        return [PortProvider(JOB_QUEUE, "postgres", _queue)]

    @hookimpl
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        """Offer the jobs that follow from what happens to bookings."""
        return first_types(settings.section(JobsSettings))

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Let servers work on jobs, unless they are told not to."""
        section = settings.section(JobsSettings)

        @asynccontextmanager
        async def opened(ports: PortLookup) -> AsyncIterator[None]:
            types = ports.get(JOB_TYPES).by_name()
            check_schedules(types, ports.get(CLOCK).now())
            offer_gauges(ports)
            self._desk = desk_of(ports)
            if not section.work_in_server:
                yield
                return
            worker = JobWorker(workplace_of(ports, asyncio.sleep), types, section)
            async with worker.running(_GRACE_IN_SERVER_SECONDS):
                yield

        return [LifespanStep("work on jobs", opened, serving=True)]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer the administration of jobs at ``/admin/jobs``."""
        return [admin_routes(self._opened_desk, StreamTimes())]

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer ``muster worker`` and ``muster jobs``."""
        worker = worker_command(settings.section(JobsSettings))
        return [CliCommand(worker), CliCommand(jobs_command())]

    def _opened_desk(self) -> Desk:
        if self._desk is None:
            raise RuntimeError("the app is not running")
        return self._desk


def _queue(ports: PortLookup) -> PostgresJobQueue:
    queues = {name: one.queue for name, one in ports.get(JOB_TYPES).by_name().items()}
    return PostgresJobQueue(ports.get(UNIT_OF_WORK), queues.get)
