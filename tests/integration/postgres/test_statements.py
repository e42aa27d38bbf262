"""A unit of work makes a fixed number of statements, whatever its size."""

from __future__ import annotations

import pytest

from muster.domain.bookings import Booking
from muster.domain.lifecycle import cancelled
from muster.testing.example_records import a_full_receipt, a_recorded_event, an_audit_entry
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_purchase,
    a_zone,
    new_id,
    slots_for,
)
from muster_postgres.database import Database
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory

pytestmark = pytest.mark.anyio

PLACE = [
    "BEGIN",
    "SELECT pg_advisory_xact_lock",
    "SELECT bookings.id",
    "SELECT version",
    "WITH plan",
    "SAVEPOINT claim;",
    "WITH wanted",
    "WITH booking",
    "WITH receipt",
    "COMMIT",
]


async def a_stored_booking(
    units: PostgresUnitOfWorkFactory, sessions: int, candidates: int, taken: int = 0
) -> Booking:
    zone = a_zone()
    purchase = a_purchase(total_sessions=sessions, booking_reference=str(new_id()))
    booking = a_booking(zone, purchase=purchase, trainer_id=new_id())
    async with units() as unit:
        await unit.zones.add(zone)
        await unit.commit()
    async with units() as unit:
        assert await unit.bookings.by_reference(str(purchase.booking_reference)) is None
        assert await unit.zones.version_in_force(zone.id) == 1
        plan = [session.plan for session in booking.sessions]
        trainers = [new_id() for _ in range(candidates)]
        await unit.schedule.availability(trainers, plan, purchase.start_date, 28)
        assert await unit.schedule.claim(slots_for(booking))
        await unit.bookings.add(booking, bytes(32))
        await unit.receipts.add(a_full_receipt(booking))
        await unit.outbox.add([a_recorded_event()])
        await unit.audit.append([an_audit_entry()])
        await unit.commit()
    return booking


@pytest.mark.parametrize("candidates", [1, 20, 500])
@pytest.mark.parametrize("sessions", [10, 30])
async def test_placing_a_booking(
    database: Database, units: PostgresUnitOfWorkFactory, candidates: int, sessions: int
) -> None:
    async with database.counting() as count:
        await a_stored_booking(units, sessions, candidates)
    sent = [" ".join(statement.split()) for statement in count.statements]
    assert all(map(str.startswith, sent[3:], PLACE)), sent
    assert count.total == 3 + len(PLACE), sent


@pytest.mark.parametrize("sessions", [10, 30])
async def test_cancelling_a_booking(
    database: Database, units: PostgresUnitOfWorkFactory, sessions: int
) -> None:
    booking = await a_stored_booking(units, sessions, 1)
    async with database.counting() as count, units() as unit:
        found = await unit.bookings.get(booking.id)
        assert found is not None
        await unit.bookings.replace(cancelled(found, AN_INSTANT))
        over = [session.id for session in found.sessions]
        assert await unit.schedule.release(over) == sessions
        await unit.receipts.add(a_full_receipt(booking, version=found.version + 1))
        await unit.audit.append([an_audit_entry()])
        await unit.commit()
    assert count.total == 7


async def test_a_lost_claim_costs_three(
    database: Database, units: PostgresUnitOfWorkFactory
) -> None:
    booking = await a_stored_booking(units, 10, 1)
    again = slots_for(a_booking(a_zone(), trainer_id=booking.trainer_id))
    async with database.counting() as count, units() as unit:
        assert not await unit.schedule.claim(again)
    assert count.total == 2 + 3


async def test_counting_ends(database: Database) -> None:
    async with database.counting() as count:
        await database.fetchrow("SELECT 1")
    await database.fetchrow("SELECT 2")
    assert count.statements == ["SELECT 1"]
