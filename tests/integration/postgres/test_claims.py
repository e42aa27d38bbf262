"""Claims under load, and against a writer that does not know the rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from muster.domain.slots import Slot, SlotState
from muster_postgres.database import Database
from muster_postgres.settings import PostgresSettings
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]

NOON = datetime(2027, 1, 11, 12, tzinfo=UTC)
CLAIMS, ROWS, CONNECTIONS, TRAINERS = 200, 30, 40, 4
OVERLAPS = """
    SELECT count(*) FROM schedule_slots AS one JOIN schedule_slots AS other
        ON one.trainer_id = other.trainer_id AND one.id < other.id
        AND (one.during && other.during
            OR (one.date, one.timeslot) = (other.date, other.timeslot))
    WHERE one.live AND other.live
"""


def course(trainer_id: UUID, starts_at: datetime, rows: int = ROWS) -> list[Slot]:
    booking = uuid4()
    return [
        Slot(
            id=uuid4(),
            trainer_id=trainer_id,
            state=SlotState.BOOKED,
            local_date=begins.date(),
            timeslot=f"{begins:%H:%M}",
            time_zone="UTC",
            starts_at=begins,
            ends_at=begins + timedelta(minutes=40),
            booking_id=booking,
            session_id=uuid4(),
        )
        for begins in (starts_at + timedelta(days=day) for day in range(rows))
    ]


@pytest.fixture
async def wide(clean_database: str) -> AsyncIterator[Database]:
    """A database with a connection for each of many."""
    settings = PostgresSettings(
        url=clean_database, pool_min_size=CONNECTIONS, pool_max_size=CONNECTIONS
    )
    opened = Database(settings)
    async with opened.opened():
        yield opened


@pytest.mark.parametrize("seed", range(3))
async def test_many_claims_on_few_trainers_neither_stall_nor_overlap(
    wide: Database, seed: int
) -> None:
    random = Random(seed)
    units = PostgresUnitOfWorkFactory(wide)
    trainers = [uuid4() for _ in range(TRAINERS)]
    # Steps of 20 minutes: an hour holds a course, and the next two starts collide with it.
    starts = [NOON + timedelta(days=random.randrange(40), minutes=20 * random.randrange(9))]
    starts += [
        NOON + timedelta(days=random.randrange(40), minutes=20 * random.randrange(9))
        for _ in range(CLAIMS - 1)
    ]

    async def claim(starts_at: datetime) -> int:
        order = random.sample(trainers, TRAINERS)
        async with units() as unit:
            for trainer in order:
                if await unit.schedule.claim(course(trainer, starts_at)):
                    await unit.commit()
                    return 1
        return 0

    began = time.monotonic()
    won = sum(await asyncio.gather(*map(claim, starts)))
    assert time.monotonic() - began < 10
    (rows,) = await wide.fetch("SELECT count(*) AS live FROM schedule_slots WHERE live")
    assert won >= TRAINERS
    assert rows["live"] == won * ROWS
    assert (await wide.fetch(OVERLAPS))[0]["count"] == 0


async def test_one_of_many_wins_the_same_time(wide: Database) -> None:
    units = PostgresUnitOfWorkFactory(wide)
    trainer = uuid4()

    async def claim(number: int) -> bool:
        async with units() as unit:
            starts_at = NOON + timedelta(minutes=20 * (number % 2))
            won = await unit.schedule.claim(course(trainer, starts_at))
            await unit.commit()
            return won

    assert sum(await asyncio.gather(*map(claim, range(CLAIMS)))) == 1
    assert (await wide.fetch(OVERLAPS))[0]["count"] == 0


@pytest.mark.parametrize("place", [0, 15, 29])
async def test_a_writer_that_goes_around_the_lock_leaves_no_half_claim(
    database: Database, units: PostgresUnitOfWorkFactory, clean_database: str, place: int
) -> None:
    trainer, other = uuid4(), uuid4()
    slots = course(trainer, NOON)
    rude = await asyncpg.connect(clean_database)
    try:
        transaction = rude.transaction()
        await transaction.start()
        await insert_rudely(rude, slots[place])
        async with units() as unit:
            claim = asyncio.create_task(unit.schedule.claim(slots))
            await until_one_waits(rude)
            await transaction.commit()
            assert not await claim
            # The unit goes on, and its next claim holds.
            assert await unit.schedule.claim(course(other, NOON))
            await unit.commit()
        found = await live_by_trainer(rude)
        assert found == {trainer: 1, other: ROWS}
    finally:
        await rude.close()


async def test_a_lost_claim_holds_no_lock(units: PostgresUnitOfWorkFactory) -> None:
    trainer = uuid4()
    async with units() as unit:
        assert await unit.schedule.claim(course(trainer, NOON, 1))
        await unit.commit()
    async with units() as unit:
        assert not await unit.schedule.claim(course(trainer, NOON, 1))
        async with asyncio.timeout(2), units() as beside:
            assert await beside.schedule.claim(course(trainer, NOON + timedelta(hours=1), 1))
            await beside.commit()


async def test_slots_of_two_trainers_are_no_claim(units: PostgresUnitOfWorkFactory) -> None:
    async with units() as unit:
        with pytest.raises(ValueError, match="several trainers"):
            await unit.schedule.claim(course(uuid4(), NOON, 1) + course(uuid4(), NOON, 1))


async def insert_rudely(connection: asyncpg.Connection[asyncpg.Record], slot: Slot) -> None:
    await connection.execute(
        "INSERT INTO schedule_slots (id, trainer_id, date, timeslot, during, live, time_zone,"
        " state, block_id) VALUES ($1, $2, $3, '12:20', tstzrange($4, $5), true, 'UTC',"
        " 'BLOCKED', $1)",
        uuid4(),
        slot.trainer_id,
        slot.local_date,
        slot.starts_at + timedelta(minutes=20),
        slot.ends_at + timedelta(minutes=20),
    )


async def until_one_waits(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
    async with asyncio.timeout(5):
        while not await connection.fetchval(waiting):  # noqa: ASYNC110 - the server tells no one
            await asyncio.sleep(0.01)


async def live_by_trainer(
    connection: asyncpg.Connection[asyncpg.Record],
) -> dict[UUID, int]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        "SELECT trainer_id, count(*) AS slots FROM schedule_slots WHERE live GROUP BY 1"
    )
    return {row["trainer_id"]: row["slots"] for row in rows}
