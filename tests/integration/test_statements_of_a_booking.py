"""What one booking costs, counted: SQL statements and calls to the trainer service.

The system that this one replaces sent 3,127 statements and 101 calls for one assignment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from uuid import UUID

import pytest

from muster.application.access import Permission, Principal
from muster.application.dispatcher import Dispatcher
from muster.application.place_booking import PlaceBooking
from muster.application.use_case import Caller
from muster.application.zones import CreateZone
from muster.domain.bookings import Booking, BookingStatus
from muster.domain.geography import Point
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone
from muster.runtime.bootstrap import bootstrap
from muster.testing.examples import a_purchase, a_trainer, new_id
from muster_postgres.counting import StatementCount
from muster_postgres.database import Database
from muster_postgres.plugin import PostgresPlugin
from muster_trainer_http.plugin import TrainerHttpPlugin
from muster_trainer_http.sandbox import Sandbox

pytestmark = pytest.mark.anyio

STATEMENTS_OF_AN_ASSIGNMENT = 9
"""The zone; BEGIN, its version, availability, lock, claim, booking, journal, COMMIT."""

CALLER = Caller(Principal("counter", frozenset(Permission)), "count")
COURSE = UUID("5b0f1c1e-4a51-4d5b-9a3e-0c2d5f6a7b01")

_places = count(-80)


class Counted:
    """A running app whose statements and calls are counted."""

    def __init__(self, dispatcher: Dispatcher, database: Database, sandbox: Sandbox) -> None:
        self.dispatcher = dispatcher
        self.database = database
        self.sandbox = sandbox

    async def zone_with(self, candidates: int) -> tuple[Zone, Point]:
        place = Point(float(next(_places)), 80.6)
        zone = await self.dispatcher.dispatch(
            CreateZone(f"Zone at {place.latitude}", place, 10, "Asia/Kolkata"), CALLER
        )
        self.sandbox.roster.replace(teachers(zone, candidates))
        return zone, place

    async def book(self, place: Point, sessions: int) -> tuple[Booking, StatementCount, int]:
        purchase = a_purchase(course_id=COURSE, student_location=place, total_sessions=sessions)
        calls = self.sandbox.calls["bulk"]
        async with self.database.counting() as counted:
            placed = await self.dispatcher.dispatch(PlaceBooking(purchase), CALLER)
            await counted.settle()
        return placed.booking, counted, self.sandbox.calls["bulk"] - calls


def teachers(zone: Zone, number: int) -> list[Trainer]:
    return [
        a_trainer(id=new_id(), zone_ids=frozenset({zone.id}), certified_courses=frozenset({COURSE}))
        for _ in range(number)
    ]


@asynccontextmanager
async def running(database_url: str) -> AsyncIterator[Counted]:
    sandbox = Sandbox()
    async with sandbox as trainers_url:
        environ = {"DATABASE_URL": database_url, "TRAINER_SERVICE_URL": trainers_url}
        application = bootstrap(environ, [PostgresPlugin, TrainerHttpPlugin])
        (postgres,) = (
            plugin.instance
            for plugin in application.hooks.plugins
            if isinstance(plugin.instance, PostgresPlugin)
        )
        async with application.running():
            database = postgres.database(application.settings)
            yield Counted(application.dispatcher(), database, sandbox)


@pytest.mark.parametrize("candidates", [1, 20, 500, 1_201])
@pytest.mark.parametrize("sessions", [10, 30])
async def test_an_assignment_costs_the_same_whatever_its_size(
    clean_database: str, candidates: int, sessions: int
) -> None:
    """The aim: "a fixed number of SQL statements and at most one call for each 500 candidates"."""
    async with running(clean_database) as counted:
        _, place = await counted.zone_with(candidates)
        # The first one asks and remembers: one look for a snapshot, and one kept.
        first, asking, calls = await counted.book(place, sessions)
        second, fresh, no_calls = await counted.book(place, sessions)

    assert first.status is BookingStatus.ASSIGNED
    assert second.status is (
        BookingStatus.WAITLISTED if candidates == 1 else BookingStatus.ASSIGNED
    )
    assert calls == -(-candidates // 500)
    assert no_calls == 0
    assert asking.total == STATEMENTS_OF_AN_ASSIGNMENT + 2, asking.statements
    if candidates > 1:
        assert fresh.total == STATEMENTS_OF_AN_ASSIGNMENT, fresh.statements
    else:
        assert fresh.total == STATEMENTS_OF_AN_ASSIGNMENT - 2, "nobody is claimed"
