"""The database itself refuses what must never be, whoever writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from muster.testing.example_records import an_audit_entry
from muster_postgres.database import Database
from muster_postgres.errors import StatementRefused
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory

pytestmark = pytest.mark.anyio

NOON = datetime(2027, 1, 11, 12, tzinfo=UTC)
INSERT = """
    INSERT INTO schedule_slots (id, trainer_id, date, timeslot, during, live, time_zone, state,
        booking_id, session_id, reason)
    VALUES ($1, $2, $3, $4, tstzrange($5, $6, $7), $8, 'UTC', $9, $10, $11, $12)
"""


def row(trainer_id: UUID, starts_at: datetime = NOON, **changes: Any) -> list[Any]:
    values = {
        "id": uuid4(),
        "trainer_id": trainer_id,
        "date": starts_at.date(),
        "timeslot": f"{starts_at:%H:%M}",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=40),
        "bounds": "[)",
        "live": True,
        "state": "BOOKED",
        "booking_id": uuid4(),
        "session_id": uuid4(),
        "reason": None,
    }
    return list((values | changes).values())


async def test_an_overlap_is_refused(database: Database) -> None:
    trainer = uuid4()
    await database.fetch(INSERT, *row(trainer))
    await database.fetch(INSERT, *row(trainer, NOON + timedelta(minutes=40)))
    await database.fetch(INSERT, *row(uuid4(), NOON + timedelta(minutes=20)))
    with pytest.raises(StatementRefused, match="schedule_slots_overlap_excl"):
        await database.fetch(INSERT, *row(trainer, NOON + timedelta(minutes=20)))


async def test_an_equal_date_and_timeslot_is_refused(database: Database) -> None:
    trainer = uuid4()
    await database.fetch(INSERT, *row(trainer))
    elsewhere = row(trainer, NOON + timedelta(hours=9), date=NOON.date(), timeslot="12:00")
    with pytest.raises(StatementRefused, match="schedule_slots_timeslot_key"):
        await database.fetch(INSERT, *elsewhere)


async def test_a_second_live_slot_of_a_session_is_refused(database: Database) -> None:
    session = uuid4()
    await database.fetch(INSERT, *row(uuid4(), session_id=session))
    with pytest.raises(StatementRefused, match="schedule_slots_session_id_key"):
        await database.fetch(INSERT, *row(uuid4(), session_id=session))


async def test_slots_that_are_not_live_guard_nothing(database: Database) -> None:
    trainer, session = uuid4(), uuid4()
    for live in (False, False, True):
        await database.fetch(INSERT, *row(trainer, live=live, session_id=session))


async def test_a_slot_cannot_come_to_life_over_another(database: Database) -> None:
    trainer = uuid4()
    await database.fetch(INSERT, *row(trainer, live=False))
    await database.fetch(INSERT, *row(trainer, NOON + timedelta(minutes=20)))
    with pytest.raises(StatementRefused, match="schedule_slots_overlap_excl"):
        await database.fetch("UPDATE schedule_slots SET live = true")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"session_id": None}, "schedule_slots_holder_check"),
        ({"booking_id": None}, "schedule_slots_holder_check"),
        ({"state": "BLOCKED"}, "schedule_slots_holder_check"),
        ({"state": "HELD"}, "_check"),
        ({"reason": "Leave"}, "schedule_slots_reason_check"),
        ({"timeslot": "24:00"}, "schedule_slots_timeslot_check"),
        ({"timeslot": "9:00"}, "schedule_slots_timeslot_check"),
        ({"ends_at": NOON}, "schedule_slots_during_check"),
        ({"ends_at": None}, "schedule_slots_during_check"),
        ({"bounds": "[]"}, "schedule_slots_during_check"),
    ],
)
async def test_a_slot_that_makes_no_sense_is_refused(
    database: Database, changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(StatementRefused, match=constraint):
        await database.fetch(INSERT, *row(uuid4(), **changes))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'nobody'",
        "UPDATE audit_entries SET actor = 'nobody' WHERE false",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
    ],
)
async def test_audit_entries_are_only_ever_added(
    database: Database, units: PostgresUnitOfWorkFactory, statement: str
) -> None:
    async with units() as unit:
        await unit.audit.append([an_audit_entry()])
        await unit.commit()
    before = await database.fetch("SELECT * FROM audit_entries")
    with pytest.raises(StatementRefused, match="2F002"):
        await database.fetch(statement)
    assert await database.fetch("SELECT * FROM audit_entries") == before


async def test_a_zone_that_makes_no_sense_is_refused(database: Database) -> None:
    insert = """
        INSERT INTO zones (id, name, folded_name, latitude, longitude, radius_km, centre, reach,
            reach_chord, time_zone, priority, status, version, created_at, updated_at)
        VALUES ($1, 'a', 'a', $2, $3, $4, cube(1), cube(1), 0, 'UTC', 0, 'ACTIVE', 1, now(), now())
    """
    for latitude, longitude, radius in ((91, 0, 1), (0, 181, 1), (0, 0, 0), (0, 0, 501)):
        with pytest.raises(StatementRefused, match="CheckViolation"):
            await database.fetch(insert, uuid4(), latitude, longitude, radius)
    with pytest.raises(StatementRefused, match="CheckViolation"):
        await database.fetch(insert, uuid4(), float("nan"), 0, 1)
