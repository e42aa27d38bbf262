"""Revision 0002 on real data: what 0001 kept is read as if it had been stored just now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.blocks import BlockPeriod, TrainerBlock
from muster.domain.bookings import BookingStatus
from muster.domain.receipts import Receipt, ReceiptKind
from muster.testing.example_records import a_bare_receipt, a_full_receipt
from muster.testing.examples import a_booking, a_zone, new_id
from muster_postgres import migrations
from muster_postgres.blocks import PostgresBlockReader
from muster_postgres.booking_reader import PostgresBookingReader
from muster_postgres.database import Database
from muster_postgres.receipt_rows import packed_candidates
from muster_postgres.settings import PostgresSettings

ZONE = """
    INSERT INTO zones VALUES ($1, 'Z', 'z', NULL, 16, 80, 5, cube(0), cube_enlarge(cube(0), 1, 3),
        1, 'Asia/Kolkata', 0, 'ACTIVE', 1, now(), now())
"""
BOOKING = """
    INSERT INTO bookings (id, status, course_id, class_type, total_sessions, delivery_mode,
        start_date, preferred_time_slot, latitude, longitude, students, fingerprint,
        excluded_trainer_ids, zone_id, zone_name, zone_time_zone, trainer_id, version,
        created_at, updated_at)
    VALUES ($1, $2, gen_random_uuid(), 'ONE_ON_ONE', 10, 'DAILY', '2027-01-11', '17:00', 16, 80,
        '[]', '', '{}', $3, 'Z', 'Asia/Kolkata', $4, $5, now(), now())
"""
RECEIPT = """
    INSERT INTO assignment_receipts (id, booking_id, kind, created_at, document, candidates)
    VALUES ($1, $2, $3, $4, $5, $6)
"""
BLOCKED = """
    INSERT INTO schedule_slots VALUES ($1, $2, '2027-01-11', '17:00',
        tstzrange('2027-01-11 11:30Z', '2027-01-11 12:10Z'), $3, 'Asia/Kolkata', 'BLOCKED',
        NULL, NULL, 'Leave')
"""
NEW_IN_0002 = ("version", "outcome", "sessions")

ASSIGNED, WAITLISTED, CANCELLED = (
    BookingStatus.ASSIGNED,
    BookingStatus.WAITLISTED,
    BookingStatus.CANCELLED,
)


class Kept(Struct, frozen=True):
    """What a database of 0001 holds, told in the words of today."""

    url: str
    receipts: dict[UUID, tuple[Receipt, ...]]
    blocked: UUID
    trainer: UUID


@pytest.fixture
def kept(empty_database: Callable[[], str]) -> Kept:
    """An assigned booking, a waitlisted one, one cancelled in each state, and blocked time."""
    url = empty_database()
    migrations.upgrade(url, "0001")
    zone, trainer, blocked = new_id(), new_id(), new_id()
    booked = a_booking(a_zone())

    def placed(outcome: BookingStatus) -> Receipt:
        receipt = a_full_receipt(booked, booking_id=new_id(), outcome=outcome, sessions=())
        receipt = replace(receipt, reason=None)
        return receipt if outcome is ASSIGNED else replace(receipt, chosen=None)

    def called_off(receipt: Receipt) -> Receipt:
        # Of the same instant as the placement, and with an id that comes before it.
        return a_bare_receipt(
            booked,
            id=UUID(int=receipt.id.int - (1 << 64)),
            booking_id=receipt.booking_id,
            version=2,
            outcome=CANCELLED,
            reason="Weil – “so”",
        )

    stories = [
        (one,) if outcome is not CANCELLED else (one, called_off(one))
        for one, outcome in (
            (placed(ASSIGNED), ASSIGNED),
            (placed(WAITLISTED), WAITLISTED),
            (placed(ASSIGNED), CANCELLED),
            (placed(WAITLISTED), CANCELLED),
        )
    ]

    async def store(connection: asyncpg.Connection[asyncpg.Record]) -> None:
        await connection.execute(ZONE, zone)
        for story in stories:
            last = story[-1]
            of_booking = (last.booking_id, last.outcome.value, zone, story[0].chosen, last.version)
            await connection.execute(BOOKING, *of_booking)
            for receipt in story:
                packed = packed_candidates(receipt.candidates)
                document = msgspec.json.encode(as_of_0001(receipt)).decode()
                row = (receipt.id, receipt.booking_id, receipt.kind.value, receipt.created_at)
                await connection.execute(RECEIPT, *row, document, packed)
        await connection.execute(BLOCKED, blocked, trainer, True)
        await connection.execute(BLOCKED, new_id(), trainer, False)

    asyncio.run(on(url, store))
    return Kept(url, {story[0].booking_id: story for story in stories}, blocked, trainer)


def test_receipts_of_0001_are_read_with_version_and_outcome(kept: Kept) -> None:
    for _ in range(2):
        migrations.upgrade(kept.url)
        assert asyncio.run(receipts(kept)) == kept.receipts
        migrations.downgrade(kept.url, "0001")
        assert asyncio.run(on(kept.url, documents)) == {
            receipt.id: as_of_0001(receipt) for story in kept.receipts.values() for receipt in story
        }


def test_changes_that_0001_does_not_know_are_left_behind(kept: Kept) -> None:
    migrations.upgrade(kept.url)
    booking_id = next(iter(kept.receipts))
    later = a_full_receipt(
        a_booking(a_zone()), booking_id=booking_id, kind=ReceiptKind.REASSIGN, version=2
    )

    async def store(connection: asyncpg.Connection[asyncpg.Record]) -> None:
        document = msgspec.json.encode(replace(later, candidates=())).decode()
        await connection.execute(
            RECEIPT.replace("candidates)", "candidates, version)").replace("$6)", "$6, 2)"),
            *(later.id, later.booking_id, later.kind.value, later.created_at, document, None),
        )

    asyncio.run(on(kept.url, store))
    migrations.downgrade(kept.url, "0001")
    migrations.upgrade(kept.url)
    assert asyncio.run(receipts(kept)) == kept.receipts


def test_blocked_time_of_0001_becomes_a_block_that_can_be_removed(kept: Kept) -> None:
    day = date(2027, 1, 11)
    for _ in range(2):
        migrations.upgrade(kept.url)
        (block,) = asyncio.run(blocks(kept, day))
        assert replace(block, created_at=datetime.min.replace(tzinfo=UTC)) == TrainerBlock(
            id=kept.blocked,
            trainer_id=kept.trainer,
            time_zone="Asia/Kolkata",
            periods=(BlockPeriod(day, day, "17:00", None),),
            reason="Leave",
            created_at=datetime.min.replace(tzinfo=UTC),
        )
        assert abs(block.created_at - datetime.now(UTC)) < timedelta(days=1)
        slots = asyncio.run(on(kept.url, blocks_of_slots))
        assert slots[kept.blocked] == (True, kept.blocked)
        assert [own for own, (live, of) in slots.items() if live or of != own] == [kept.blocked]
        migrations.downgrade(kept.url, "0001")


def as_of_0001(receipt: Receipt) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(replace(receipt, candidates=()))
    )
    return {name: value for name, value in document.items() if name not in NEW_IN_0002}


async def receipts(kept: Kept) -> dict[UUID, tuple[Receipt, ...]]:
    database = Database(PostgresSettings(url=kept.url))
    async with database.opened():
        reader = PostgresBookingReader(database)
        return {booking_id: await reader.receipts(booking_id) for booking_id in kept.receipts}


async def blocks(kept: Kept, day: date) -> tuple[TrainerBlock, ...]:
    database = Database(PostgresSettings(url=kept.url))
    async with database.opened():
        return await PostgresBlockReader(database).of_trainer(kept.trainer, day, day)


async def documents(connection: asyncpg.Connection[asyncpg.Record]) -> dict[UUID, Any]:
    rows = await connection.fetch("SELECT id, document FROM assignment_receipts")
    return {id_: msgspec.json.decode(document) for id_, document in rows}


async def blocks_of_slots(
    connection: asyncpg.Connection[asyncpg.Record],
) -> dict[UUID, tuple[bool, UUID]]:
    rows = await connection.fetch("SELECT id, live, block_id FROM schedule_slots")
    return {id_: (live, block_id) for id_, live, block_id in rows}


async def on(url: str, work: Callable[[Any], Any]) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await work(connection)
    finally:
        await connection.close()
