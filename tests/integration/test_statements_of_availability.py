"""A month of a zone costs two statements, however many trainers it has and slots they hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from muster.application.zone_availability import FindFreeStarts, FindsFreeStarts
from muster.domain.free_starts import FreeStart
from muster.domain.scopes import EVERYTHING
from muster.testing.clock import FakeClock
from muster.testing.examples import (
    A_MONDAY,
    AN_INSTANT,
    a_booking,
    a_trainer,
    a_zone,
    new_id,
    slots_for,
)
from muster_memory.trainer_directory import MemoryTrainerDirectory, TrainerRoll
from muster_postgres.database import Database
from muster_postgres.schedule import PostgresScheduleReader
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from muster_postgres.zones import PostgresZoneReader

pytestmark = pytest.mark.anyio

DAYS = 31


@pytest.mark.parametrize("trainers", [1, 100])
async def test_a_month_is_one_question_about_slots(
    database: Database, units: PostgresUnitOfWorkFactory, trainers: int
) -> None:
    zone, course, clock, roll = a_zone(), new_id(), FakeClock(AN_INSTANT), TrainerRoll()
    staff = [
        a_trainer(zone_ids=frozenset([zone.id]), certified_courses=frozenset([course]))
        for _ in range(trainers)
    ]
    roll.put(*staff)
    async with units() as unit:
        await unit.zones.add(zone)
        for trainer in staff[:20]:
            booking = a_booking(zone, trainer_id=trainer.id)
            await unit.bookings.add(booking, bytes(32))
            assert await unit.schedule.claim(slots_for(booking))
        await unit.commit()
    finds = FindsFreeStarts(
        clock,
        PostgresZoneReader(database),
        PostgresScheduleReader(database),
        MemoryTrainerDirectory(roll, clock),
    )
    query = FindFreeStarts(zone.id, course, A_MONDAY, A_MONDAY + timedelta(days=DAYS - 1), 30)
    async with database.counting() as count:
        found = await finds.answer(query, EVERYTHING)
    assert count.total == 2, count.statements
    assert sum("schedule_slots" in statement for statement in count.statements) == 1
    busy = min(trainers, 20)
    at_five = [trainers_free(found.days[number].starts, "17:00") for number in range(DAYS)]
    assert at_five == [trainers - busy] * 10 + [trainers] * (DAYS - 10)
    assert await days_without_a_question(finds, database, query)


async def days_without_a_question(
    finds: FindsFreeStarts, database: Database, query: FindFreeStarts
) -> bool:
    """Whether days that are over ask nothing about slots."""
    over = replace(query, from_day=date(2020, 1, 1), to_day=date(2020, 1, 31))
    async with database.counting() as count:
        await finds.answer(over, EVERYTHING)
    return count.total == 1


def trainers_free(starts: tuple[FreeStart, ...], time: str) -> int:
    return sum(one.trainers for one in starts if one.start.local_time == time)
