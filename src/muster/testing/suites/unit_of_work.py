"""The conformance suite of the unit of work: all of it lasts, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from muster.domain.bookings import Booking
from muster.domain.franchises import Franchise
from muster.domain.receipts import Receipt
from muster.domain.slots import Slot
from muster.domain.zones import Zone
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict, UnitOfWork
from muster.testing.example_records import a_full_receipt, a_recorded_event, an_audit_entry
from muster.testing.examples import a_booking, a_franchise, a_zone, new_id, slots_for
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["UnitOfWorkSuite"]


class _GaveUp(Exception):
    pass


class _Everything:
    """One record of each kind, and whether a store shows them."""

    def __init__(self) -> None:
        self.franchise: Franchise = a_franchise()
        self.zone: Zone = a_zone(franchise_id=self.franchise.id)
        self.trainer = new_id()
        self.booking: Booking = a_booking(self.zone, trainer_id=self.trainer)
        self.slots: Sequence[Slot] = slots_for(self.booking)
        self.receipt: Receipt = a_full_receipt(self.booking)
        self.event = a_recorded_event()
        self.entry = an_audit_entry()

    async def write(self, unit: UnitOfWork) -> None:
        await unit.franchises.add(self.franchise)
        await unit.zones.add(self.zone)
        await unit.bookings.add(self.booking, StoreUnderTest.FINGERPRINT)
        assert await unit.schedule.claim(self.slots)
        await unit.receipts.add(self.receipt)
        await unit.outbox.add([self.event])
        await unit.audit.append([self.entry])

    async def seen_in(self, store: StoreUnderTest) -> list[bool]:
        days = [slot.local_date for slot in self.slots]
        slots = await store.schedule_reader.slots(self.trainer, min(days), max(days))
        return [
            await store.franchise_reader.get(self.franchise.id) == self.franchise,
            await store.zone_reader.get(self.zone.id) == self.zone,
            await store.booking_reader.get(self.booking.id) == self.booking,
            slots == tuple(self.slots),
            await store.booking_reader.receipts(self.booking.id) == (self.receipt,),
            list(await store.events()) == [self.event],
            list(await store.audit()) == [self.entry],
        ]


class UnitOfWorkSuite(StoreSuite):
    """Holds a ``UnitOfWorkFactory`` to its port."""

    async def test_everything_of_a_unit_lasts_from_its_commit_on(
        self, store: StoreUnderTest
    ) -> None:
        """Others see nothing before the commit, and all of it after."""
        everything = _Everything()
        async with store.unit_of_work() as unit:
            await everything.write(unit)
            assert await everything.seen_in(store) == [False] * 7
            await unit.commit()
            assert await everything.seen_in(store) == [True] * 7
        assert await everything.seen_in(store) == [True] * 7

    async def test_what_was_not_committed_is_undone(self, store: StoreUnderTest) -> None:
        """Leaving the context without a commit leaves nothing."""
        everything = _Everything()
        async with store.unit_of_work() as unit:
            await everything.write(unit)
        assert await everything.seen_in(store) == [False] * 7
        async with store.unit_of_work() as unit:
            await everything.write(unit)
            await unit.commit()
        assert await everything.seen_in(store) == [True] * 7

    async def test_an_exception_undoes_the_unit_and_passes(self, store: StoreUnderTest) -> None:
        """The exception that ends a unit comes out as it is, and nothing is left."""
        everything = _Everything()
        gave_up = _GaveUp("half-way")

        async def give_up() -> None:
            async with store.unit_of_work() as unit:
                await everything.write(unit)
                raise gave_up

        with pytest.raises(_GaveUp) as caught:
            await give_up()
        assert caught.value is gave_up
        assert await everything.seen_in(store) == [False] * 7

    async def test_an_exception_after_the_commit_undoes_nothing(
        self, store: StoreUnderTest
    ) -> None:
        """What is committed lasts, whatever happens on the way out."""
        everything = _Everything()

        async def give_up() -> None:
            async with store.unit_of_work() as unit:
                await everything.write(unit)
                await unit.commit()
                raise _GaveUp

        with pytest.raises(_GaveUp):
            await give_up()
        assert await everything.seen_in(store) == [True] * 7

    async def test_a_cancelled_unit_leaves_neither_rows_nor_locks(
        self, store: StoreUnderTest
    ) -> None:
        """A unit whose task is cancelled is undone, and nobody waits for it."""
        everything = _Everything()
        written = asyncio.Event()

        async def be_cancelled() -> None:
            async with store.unit_of_work() as unit:
                await everything.write(unit)
                written.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(be_cancelled())
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await everything.seen_in(store) == [False] * 7
        async with asyncio.timeout(10), store.unit_of_work() as unit:
            await everything.write(unit)
            await unit.commit()
        assert await everything.seen_in(store) == [True] * 7

    async def test_one_that_is_cancelled_while_it_waits_holds_nobody_up(
        self, store: StoreUnderTest
    ) -> None:
        """A wait that is given up leaves the queue, and the lock goes to the next."""
        franchise = a_franchise()
        await store.keep(franchise)

        async def get() -> Franchise | None:
            async with store.unit_of_work() as unit:
                return await unit.franchises.get(franchise.id)

        async with Rival[Franchise | None]() as next_one, Rival[Franchise | None]() as given_up:
            async with store.unit_of_work() as first:
                await first.franchises.get(franchise.id)
                given_up.start(get())
                assert await given_up.waits()
                next_one.start(get())
                assert await next_one.waits()
                await given_up.cancel()
                assert await next_one.waits()
            assert await next_one.result() == franchise

    async def test_a_unit_sees_its_own_writes(self, store: StoreUnderTest) -> None:
        """What was added or replaced in a unit is what the unit reads."""
        everything = _Everything()
        async with store.unit_of_work() as unit:
            await everything.write(unit)
            assert await unit.franchises.get(everything.franchise.id) == everything.franchise
            assert await unit.zones.get(everything.zone.id) == everything.zone
            assert await unit.zones.version_in_force(everything.zone.id) == 1
            assert await unit.bookings.get(everything.booking.id) == everything.booking

    async def test_another_unit_sees_none_of_an_open_one(self, store: StoreUnderTest) -> None:
        """To other units what is not committed is not there, and they need not wait to know."""
        everything = _Everything()
        async with store.unit_of_work() as unit:
            await everything.write(unit)
            async with asyncio.timeout(10), store.unit_of_work() as other:
                assert await other.franchises.get(everything.franchise.id) is None
                assert await other.zones.get(everything.zone.id) is None
                assert await other.zones.version_in_force(everything.zone.id) is None
                assert await other.bookings.get(everything.booking.id) is None

    async def test_units_stand_apart(self, store: StoreUnderTest) -> None:
        """Of two units open at once, one may commit while the other is undone."""
        kept, dropped = a_franchise(), a_franchise()
        async with store.unit_of_work() as one, store.unit_of_work() as other:
            await one.franchises.add(kept)
            await other.franchises.add(dropped)
            await one.commit()
        assert await store.franchise_reader.get(kept.id) == kept
        assert await store.franchise_reader.get(dropped.id) is None

    async def test_two_that_wait_for_each_other_both_end(self, store: StoreUnderTest) -> None:
        """A deadlock ends by itself: one unit loses with an error of the port, one goes on."""
        left, right = a_franchise(), a_franchise()
        await store.keep(left, right)
        both_hold_one = asyncio.Barrier(2)

        async def get_both(first: Franchise, second: Franchise) -> bool:
            async with store.unit_of_work() as unit:
                await unit.franchises.get(first.id)
                await both_hold_one.wait()
                try:
                    await unit.franchises.get(second.id)
                    await unit.commit()
                except (TransactionConflict, DatabaseUnavailable):
                    return False
            return True

        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(get_both(left, right), get_both(right, left))
        assert sorted(outcomes) == [False, True]

    async def test_the_connection_is_there_or_refused(self, store: StoreUnderTest) -> None:
        """A store with a connection answers a query on it; one without says so."""
        async with store.unit_of_work() as unit:
            try:
                connection = unit.connection
            except NotImplementedError:
                return
            row = await connection.fetchrow("SELECT $1::int + 1 AS answer", 41)
            assert row is not None
            assert row["answer"] == 42
            assert [one["n"] for one in await connection.fetch("SELECT 1 AS n")] == [1]
            assert await connection.execute("SELECT 1") == "SELECT 1"
