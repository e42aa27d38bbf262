"""Snapshots kept young by a job: an outage finds them so, and bookings go on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import pytest

from muster.application.access import Permission, Principal
from muster.application.place_booking import PlaceBooking
from muster.application.read_bookings import GetReceipts
from muster.application.use_case import Caller
from muster.application.zones import CreateZone
from muster.domain.bookings import BookingStatus
from muster.domain.geography import Point
from muster.plugin_api import DISPATCHER
from muster.ports.snapshot_store import SNAPSHOT_STORE
from muster.ports.trainer_directory import TRAINER_DIRECTORY, TrainerQuestion
from muster.runtime.bootstrap import Application, bootstrap
from muster.testing.clock import FakeClock
from muster.testing.examples import AN_INSTANT, a_purchase, a_trainer, new_id
from muster_jobs.plugin import JobsPlugin
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from muster_trainer_http.sandbox import Sandbox
from muster_trainer_http.sandbox.faults import NO_FAULTS, Faults
from tests.auth.stage import run
from tests.http.moved_clock import CHOICE, plugin_of

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("jobs")]

CALLER = Caller(Principal("tester", frozenset(Permission)), "correlation-1")
PLACE = Point(16.5, 80.6)
COURSE = UUID("5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01")
TEN_MINUTES = timedelta(minutes=10)
PATIENCE_SECONDS = 30


class Refreshed:
    """An app whose clock a test moves, and its trainer service."""

    def __init__(self, app: Application, sandbox: Sandbox, url: str, clock: FakeClock) -> None:
        self.app = app
        self.sandbox = sandbox
        self.clock = clock
        self._url = url

    async def staffed_zone(self) -> TrainerQuestion:
        command = CreateZone("Vijayawada", PLACE, 10, "Asia/Kolkata")
        zone = await self.app.ports.get(DISPATCHER).dispatch(command, CALLER)
        question = TrainerQuestion(None, zone.id, COURSE)
        self.staff(question, question)
        return question

    def staff(self, *questions: TrainerQuestion) -> None:
        """One trainer for each, whom no rule refuses."""
        self.sandbox.roster.add(
            a_trainer(
                id=new_id(),
                franchise_id=one.franchise_id,
                zone_ids=frozenset({one.zone_id}),
                certified_courses=frozenset({COURSE}),
            )
            for one in questions
        )

    async def book(self) -> tuple[BookingStatus, str | None]:
        """The outcome, and where the trainers were from."""
        dispatcher = self.app.ports.get(DISPATCHER)
        purchase = a_purchase(course_id=COURSE, student_location=PLACE)
        placed = await dispatcher.dispatch(PlaceBooking(purchase), CALLER)
        receipts = await dispatcher.dispatch(GetReceipts(placed.booking.id), CALLER)
        sighting = receipts[0].directory if receipts else None
        return placed.booking.status, None if sighting is None else sighting.source.value

    async def answered_at(self, question: TrainerQuestion) -> datetime:
        kept = await self.app.ports.get(SNAPSHOT_STORE).load(question)
        assert kept is not None
        return kept.as_of

    async def until_young(self, *questions: TrainerQuestion) -> None:
        await self._until(lambda: self._young(questions))

    async def until_run(self, *, refreshed: int, failed: int, left: int) -> None:
        """A run that was asked for now is over, with this result."""
        result = {"refreshed": refreshed, "failed": failed, "left": left}

        async def over() -> bool:
            rows = run(
                self._url,
                "SELECT result FROM jobs WHERE type = 'trainer_http/refresh-snapshots'"
                " AND state = 'DONE' AND run_at > $1",
                self.clock.now() - timedelta(minutes=1),
            )
            assert not rows or json.loads(rows[0]["result"]) == result, rows
            return bool(rows)

        await self._until(over)

    async def _young(self, questions: tuple[TrainerQuestion, ...]) -> bool:
        now = self.clock.now()
        return all([await self.answered_at(one) == now for one in questions])

    async def _until(self, true: Callable[[], Awaitable[bool]]) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while not await true():
            assert monotonic() < deadline, "it did not come"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def refreshed(database_url: str, **environ: str) -> AsyncIterator[Refreshed]:
    sandbox, clock = Sandbox(), FakeClock(AN_INSTANT)
    async with sandbox as trainers_url:
        settings = {
            "DATABASE_URL": database_url,
            "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
            "MUSTER_PLUGINS__PORTS": CHOICE,
            "MUSTER_JOBS__POLL_SECONDS": "0.05",
            "TRAINER_SERVICE_URL": trainers_url,
            "MUSTER_TRAINER_HTTP__RETRIES": "0",
            **environ,
        }
        plugins = [PostgresPlugin, TrainerHttpPlugin, JobsPlugin, plugin_of(clock)]
        app = bootstrap(settings, plugins)
        async with app.running(serving=True):
            yield Refreshed(app, sandbox, database_url, clock)


@pytest.mark.parametrize("dialect", ["bulk", "listing"])
@pytest.mark.parametrize("works", [True, False])
async def test_a_booking_in_an_outage(clean_database: str, dialect: str, works: bool) -> None:
    """Where the job ran before, it is assigned from a young snapshot; else it is pending."""
    environ = {
        "TRAINER_SERVICE_DIALECT": dialect,
        "MUSTER_JOBS__WORK_IN_SERVER": str(works).lower(),
    }
    async with refreshed(clean_database, **environ) as stage:
        question = await stage.staffed_zone()
        assert await stage.book() == (BookingStatus.ASSIGNED, "live")
        for _ in range(2):
            stage.clock.advance(TEN_MINUTES)
            if works:
                await stage.until_young(question)
        stage.sandbox.faults = Faults(status=503)
        stage.clock.advance(TEN_MINUTES)
        expected = (BookingStatus.ASSIGNED, "snapshot") if works else (BookingStatus.PENDING, None)
        assert await stage.book() == expected


async def test_an_outage_ends_no_job_and_the_breaker_is_respected(clean_database: str) -> None:
    """A run in an outage is over before the breaker opens; before an open one it asks nothing."""
    environ = {
        "MUSTER_TRAINER_HTTP__BREAKER_FAILURES": "3",
        "MUSTER_TRAINER_HTTP__BREAKER_SECONDS": "90",
        "MUSTER_TRAINER_HTTP__REFRESH_AT_ONCE": "1",
    }
    async with refreshed(clean_database, **environ) as stage:
        await stage.until_run(refreshed=0, failed=0, left=0)
        questions = [TrainerQuestion(None, new_id(), COURSE) for _ in range(4)]
        stage.staff(*questions)
        for one in questions:
            await stage.app.ports.get(TRAINER_DIRECTORY).candidates(one)
        stage.sandbox.faults = Faults(status=503)
        stage.sandbox.calls.clear()
        stage.clock.advance(TEN_MINUTES)
        await stage.until_run(refreshed=0, failed=2, left=2)
        assert stage.sandbox.calls["bulk"] == 2
        # What opens it is that somebody asks.
        for one in questions[:3]:
            await stage.app.ports.get(TRAINER_DIRECTORY).candidates(one)
        stage.clock.advance(timedelta(minutes=1))
        await stage.until_run(refreshed=0, failed=0, left=4)
        assert stage.sandbox.calls["bulk"] == 5
        # Half-open: the one question that tries does not succeed, and the rest is left alone.
        stage.clock.advance(timedelta(minutes=1))
        await stage.until_run(refreshed=0, failed=1, left=3)
        stage.sandbox.faults = NO_FAULTS
        stage.clock.advance(timedelta(minutes=2))
        await stage.until_young(*questions)
        assert run(clean_database, "SELECT FROM jobs WHERE state = 'DEAD'") == []
