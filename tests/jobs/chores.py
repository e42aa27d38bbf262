"""A plugin with jobs for tests, each of which leaves a trace of what was committed for it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct

from muster.application.franchises import CreateFranchise
from muster.domain.events import Event, FranchiseCreated
from muster.plugin_api import (
    Dispatches,
    Job,
    JobRetries,
    JobType,
    Manifest,
    Permission,
    PortLookup,
    SettingsLookup,
    hookimpl,
)
from muster.ports.clock import CLOCK
from muster.ports.job_queue import JOB_QUEUE
from muster.ports.jobs import LeaseLost
from muster.ports.unit_of_work import UNIT_OF_WORK

SOON = JobRetries(most=3, first_seconds=0.05, longest_seconds=0.1)

TABLE = "CREATE TABLE IF NOT EXISTS chores (number integer NOT NULL, attempt integer NOT NULL)"


class Chore(Struct, frozen=True):
    """Something numbered, which takes its time."""

    number: int
    seconds: float = 0.0
    place: str = ""


async def note(job: Job[Chore], ports: PortLookup, dispatcher: Dispatches) -> None:
    """Leave a row in the unit in which the job is done."""
    await asyncio.sleep(job.payload.seconds)
    async with ports.get(UNIT_OF_WORK)() as unit:
        await unit.connection.execute(
            "INSERT INTO chores VALUES ($1, $2)", job.payload.number, job.attempt
        )
        await ports.get(JOB_QUEUE).finish(unit, job.lease, ports.get(CLOCK).now(), None)
        await unit.commit()


async def command(job: Job[Chore], ports: PortLookup, dispatcher: Dispatches) -> str:
    """Admit a franchise by the dispatcher once a file is there, and say in another how it went.

    Nothing else of the process goes on meanwhile, as when it is frozen; and the worker cannot
    call it off, so that it does come to its commit.
    """
    place = Path(job.payload.place)
    (place / f"begun-{job.attempt}").touch()
    while not (place / "go").exists():
        time.sleep(0.01)  # noqa: ASYNC251 - the process is to stand still
    name = f"Chore {job.payload.number} attempt {job.attempt}"
    asked = asyncio.ensure_future(dispatcher.dispatch(CreateFranchise(name), job.caller))
    try:
        await asyncio.shield(asked)
    except LeaseLost:
        (place / f"refused-{job.attempt}").touch()
        raise
    except asyncio.CancelledError:
        await asyncio.wait([asked])
        if isinstance(asked.exception(), LeaseLost):
            (place / f"refused-{job.attempt}").touch()
        raise
    return name


async def die(job: Job[Chore], ports: PortLookup, dispatcher: Dispatches) -> None:
    """Take the whole worker along."""
    os.kill(os.getpid(), signal.SIGKILL)


async def fail(job: Job[Chore], ports: PortLookup, dispatcher: Dispatches) -> None:
    raise ValueError(f"attempt {job.attempt} for mira@example.org")


def admitted(event: Event) -> Sequence[Chore]:
    """A franchise that was admitted asks for a chore."""
    return [Chore(1)] if isinstance(event, FranchiseCreated) else ()


class ChoresPlugin:
    MANIFEST: ClassVar[Manifest] = Manifest(name="chores", api_version=1)

    @hookimpl
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        admit = frozenset({Permission.FRANCHISES_WRITE})
        return [
            JobType(name="note", payload=Chore, handle=note, retries=SOON),
            JobType(name="command", payload=Chore, handle=command, permissions=admit),
            JobType(name="deadly", payload=Chore, handle=die, retries=JobRetries(most=1)),
            JobType(name="failing", payload=Chore, handle=fail, retries=SOON),
            JobType(name="follow", payload=Chore, handle=note, asked_by=admitted, queue="follow"),
        ]
