"""``muster worker``: work on jobs until a signal."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import rich_click as click

from muster.plugin_api import JOB_TYPES, PortLookup
from muster.ports.clock import CLOCK
from muster_jobs.schedules import check_schedules
from muster_jobs.settings import JobsSettings
from muster_jobs.worker import JobWorker
from muster_jobs.workplace import workplace_of

__all__ = ["work_until_told", "worker_command"]


def worker_command(settings: JobsSettings) -> click.Command:
    """Return the command.

    Args:
        settings: Of the plugin.
    """

    @click.command(
        name="worker",
        epilog="Examples: muster worker · muster worker --concurrency 16 --queue mail",
    )
    @click.option(
        "--concurrency",
        type=click.IntRange(1, 256),
        help="How many jobs at the same time; as the settings say by default.",
    )
    @click.option(
        "--queue", "queues", multiple=True, help="Only jobs of this queue; may be given again."
    )
    async def worker(ports: PortLookup, concurrency: int | None, queues: tuple[str, ...]) -> None:
        """Work on jobs until SIGTERM or SIGINT.

        Then no more are taken, running ones get MUSTER_JOBS__GRACE_SECONDS, and what is left is
        handed back for another worker.
        """
        types = ports.get(JOB_TYPES).by_name()
        if strangers := set(queues) - {one.queue for one in types.values()}:
            known = ", ".join(sorted({one.queue for one in types.values()}))
            raise click.BadParameter(
                f"no job is in {', '.join(sorted(strangers))}; there are {known}.",
                param_hint="--queue",
            )
        # Of every queue: what is no schedule is not for other workers alone to find.
        check_schedules(types, ports.get(CLOCK).now())
        made = JobWorker(
            workplace_of(ports, asyncio.sleep),
            types,
            settings,
            concurrency=concurrency,
            queues=queues,
        )
        os.nice(settings.niceness)
        await work_until_told(made, settings.grace_seconds, click.echo)

    return worker


async def work_until_told(
    worker: JobWorker, grace_seconds: float, announce: Callable[[str], object]
) -> None:
    """Work until SIGTERM or SIGINT, and end in order.

    Args:
        worker: That works.
        grace_seconds: How long running jobs may take then.
        announce: Called with a line once it works.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    try:
        async with worker.running(grace_seconds):
            announce("Working on jobs.")
            await told.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
