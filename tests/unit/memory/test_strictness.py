"""Where the memory store refuses what a database would refuse, or what no port allows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from muster.domain.slots import Slot, SlotState
from muster.ports.bookings import ReferenceConflict
from muster.ports.franchises import FranchiseNameTaken
from muster.ports.unit_of_work import TransactionConflict
from muster.ports.zones import ZoneNameTaken
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_franchise,
    a_purchase,
    a_zone,
    new_id,
    slots_for,
)
from muster_memory import MemoryStore
from muster_memory.guards import GuardBroken, fit_together
from muster_memory.locks import LockMode
from muster_memory.schedule import MemorySchedule
from muster_memory.store import StoredSlot
from muster_memory.transaction import Transaction
from muster_memory.unit_of_work import MemoryUnitOfWorkFactory

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def unit_of_work(store: MemoryStore) -> MemoryUnitOfWorkFactory:
    return MemoryUnitOfWorkFactory(store)


def slot(minutes: int, **changes: object) -> Slot:
    starts_at = AN_INSTANT.replace(hour=9, minute=0) + timedelta(minutes=minutes)
    made = Slot(
        id=new_id(),
        trainer_id=new_id(),
        state=SlotState.BLOCKED,
        local_date=starts_at.date(),
        timeslot=f"{starts_at:%H:%M}",
        time_zone="UTC",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=40),
    )
    return replace(made, **changes)


@pytest.mark.parametrize("kind", ["franchises", "zones", "bookings"])
async def test_what_was_not_got_cannot_be_replaced(
    unit_of_work: MemoryUnitOfWorkFactory, kind: str
) -> None:
    rows = {"franchises": a_franchise(), "zones": a_zone(), "bookings": a_booking(None)}
    async with unit_of_work() as unit:
        with pytest.raises(LookupError, match="did not get"):
            await getattr(unit, kind).replace(rows[kind])


async def test_what_is_not_there_cannot_be_replaced(unit_of_work: MemoryUnitOfWorkFactory) -> None:
    booking = a_booking(None)
    async with unit_of_work() as unit:
        assert await unit.bookings.get(booking.id) is None
        with pytest.raises(LookupError, match="no booking"):
            await unit.bookings.replace(booking)


async def test_an_id_is_used_once(unit_of_work: MemoryUnitOfWorkFactory) -> None:
    franchise = a_franchise()
    async with unit_of_work() as unit:
        await unit.franchises.add(franchise)
        with pytest.raises(ValueError, match="in use"):
            await unit.franchises.add(replace(franchise, name="Another"))


async def test_a_refused_unit_is_over(
    unit_of_work: MemoryUnitOfWorkFactory, store: MemoryStore
) -> None:
    zone, booking = a_zone(), a_booking(None, purchase=a_purchase(booking_reference="once"))
    franchise = a_franchise()
    async with unit_of_work() as unit:
        await unit.franchises.add(franchise)
        await unit.zones.add(zone)
        await unit.bookings.add(booking, b"")
        await unit.commit()
    async with unit_of_work() as unit:
        with pytest.raises(ZoneNameTaken):
            await unit.zones.add(a_zone(name=zone.name))
        with pytest.raises(RuntimeError, match="undone"):
            await unit.commit()
    async with unit_of_work() as unit:
        with pytest.raises(FranchiseNameTaken):
            await unit.franchises.add(a_franchise(name=franchise.name))
        with pytest.raises(RuntimeError, match="undone"):
            await unit.franchises.get(franchise.id)
    async with unit_of_work() as unit:
        with pytest.raises(ReferenceConflict):
            await unit.bookings.add(a_booking(None, purchase=booking.purchase), b"")
        with pytest.raises(RuntimeError, match="undone"):
            await unit.audit.append([])
    assert len(list(store.zones.all())) == len(list(store.bookings.all())) == 1


async def test_a_unit_is_committed_at_most_once(unit_of_work: MemoryUnitOfWorkFactory) -> None:
    async with unit_of_work() as unit:
        await unit.commit()
        with pytest.raises(RuntimeError, match="committed"):
            await unit.commit()
        with pytest.raises(RuntimeError, match="committed"):
            await unit.outbox.add([])


async def test_a_unit_that_was_left_is_over(unit_of_work: MemoryUnitOfWorkFactory) -> None:
    async with unit_of_work() as unit:
        pass
    with pytest.raises(RuntimeError, match="undone"):
        await unit.zones.get(new_id())


async def test_a_unit_that_lost_stays_lost(store: MemoryStore) -> None:
    one, other = Transaction(store), Transaction(store)
    await one.lock("zone", "a", LockMode.SHARED)
    await other.lock("zone", "a", LockMode.SHARED)
    # The second one's wait would close the circle; it is the one that loses.
    store.locks._waits[one] = (store.locks._locks["zone", "a"], LockMode.EXCLUSIVE)
    for _ in range(2):
        with pytest.raises(TransactionConflict):
            await other.lock("zone", "a")
    with pytest.raises(TransactionConflict):
        await other.commit()


async def test_there_is_no_connection(unit_of_work: MemoryUnitOfWorkFactory) -> None:
    async with unit_of_work() as unit:
        with pytest.raises(NotImplementedError):
            _ = unit.connection


async def test_slots_that_collide_are_not_committed(store: MemoryStore) -> None:
    trainer = new_id()
    transaction = Transaction(store)
    for one in (slot(0, trainer_id=trainer), slot(20, trainer_id=trainer)):
        transaction.slots.add(one.id, StoredSlot(one, live=True))
    with pytest.raises(GuardBroken):
        await transaction.commit()
    assert list(store.slots.all()) == []


async def test_a_claim_is_of_one_trainers_time(store: MemoryStore) -> None:
    with pytest.raises(ValueError, match="several trainers"):
        await MemorySchedule(Transaction(store)).claim([slot(0), slot(60)])
    assert await MemorySchedule(Transaction(store)).claim([])


async def test_a_freed_slots_id_stays_in_use(unit_of_work: MemoryUnitOfWorkFactory) -> None:
    zone = a_zone()
    booking = a_booking(zone, trainer_id=new_id())
    held = slots_for(booking)
    async with unit_of_work() as unit:
        await unit.bookings.add(booking, b"")
        assert await unit.schedule.claim(held)
        cancelled = type(booking.sessions[0].status).CANCELLED
        sessions = tuple(replace(session, status=cancelled) for session in booking.sessions)
        await unit.bookings.replace(replace(booking, sessions=sessions))
        over = [session.id for session in booking.sessions]
        assert await unit.schedule.release(over) == len(held)
        with pytest.raises(ValueError, match="in use"):
            await unit.schedule.claim(held)


@pytest.mark.parametrize(
    ("minutes", "fits"), [((0, 40), True), ((40, 0, 80), True), ((0, 39), False), ((), True)]
)
def test_slots_fit_together_when_none_overlaps(minutes: tuple[int, ...], fits: bool) -> None:
    assert fit_together([slot(at) for at in minutes]) is fits
