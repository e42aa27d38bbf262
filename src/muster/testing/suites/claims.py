"""The conformance suite of claiming: all or nothing, never twice, and one winner."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.domain.slots import Slot
from muster.ports.unit_of_work import DatabaseUnavailable, TransactionConflict
from muster.testing.examples import a_booking, a_zone, new_id, slots_for
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.stretches import NOON, a_block

__all__ = ["ClaimSuite"]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SHIFTS = pytest.mark.parametrize(
    "minutes", [-39, -20, 0, 20, 39], ids=lambda minutes: f"{minutes}min"
)


class ClaimSuite(StoreSuite):
    """Holds ``ScheduleRepository.claim`` to its port and its two guards."""

    async def test_free_time_can_be_claimed(self, store: StoreUnderTest) -> None:
        """All slots of a booking are the trainer's from the commit on."""
        zone, trainer = a_zone(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        slots = slots_for(booking)
        await store.keep(zone, booking)
        assert await store.claim(slots)
        assert await _live(store, trainer) == slots

    async def test_touching_slots_both_hold(self, store: StoreUnderTest) -> None:
        """The end is exclusive: back to back is no overlap."""
        trainer = new_id()
        slots = [a_block(trainer, NOON + minutes * _MINUTE) for minutes in (40, 0, -40)]
        assert await store.claim(slots[:1])
        assert await store.claim(slots[1:])
        assert await _live(store, trainer) == (slots[2], slots[1], slots[0])

    @_SHIFTS
    async def test_time_that_overlaps_is_taken(self, store: StoreUnderTest, minutes: int) -> None:
        """A claim that overlaps a live slot by a minute is lost; the slot stays as it was."""
        trainer = new_id()
        held = a_block(trainer, NOON)
        assert await store.claim([held])
        assert not await store.claim([a_block(trainer, NOON + minutes * _MINUTE)])
        assert await _live(store, trainer) == (held,)

    async def test_overlap_does_not_depend_on_the_wall_clock(self, store: StoreUnderTest) -> None:
        """Two time zones give two local times for one instant."""
        trainer = new_id()
        held = a_block(trainer, NOON, "Asia/Tokyo")
        assert await store.claim([held])
        assert not await store.claim([a_block(trainer, NOON, "America/Los_Angeles")])
        assert await _live(store, trainer) == (held,)

    async def test_an_equal_local_date_and_timeslot_is_taken(self, store: StoreUnderTest) -> None:
        """One trainer, date and timeslot once, though hours lie between."""
        trainer = new_id()
        held = a_block(trainer, NOON, "Asia/Tokyo")
        same_wall = a_block(trainer, NOON + timedelta(hours=9), "UTC")
        assert (held.local_date, held.timeslot) == (same_wall.local_date, same_wall.timeslot)
        assert await store.claim([held])
        assert not await store.claim([same_wall])
        assert await _live(store, trainer) == (held,)

    @pytest.mark.parametrize("same_wall", [False, True], ids=["overlap", "timeslot"])
    @pytest.mark.parametrize("place", [0, 5, 9])
    async def test_a_claim_is_all_or_nothing(
        self, store: StoreUnderTest, place: int, same_wall: bool
    ) -> None:
        """Where one of ten is taken none is claimed, and the other nine are still free."""
        trainer, ahead = new_id(), timedelta(hours=9)
        days = [a_block(trainer, NOON + ahead + day * _DAY) for day in range(10)]
        held = (
            a_block(trainer, days[place].starts_at - ahead, "Asia/Tokyo")
            if same_wall
            else a_block(trainer, days[place].starts_at + 20 * _MINUTE)
        )
        assert await store.claim([held])
        assert not await store.claim(days)
        assert await _live(store, trainer) == (held,)
        rest = [slot for slot in days if slot is not days[place]]
        assert await store.claim([replace(slot, id=new_id()) for slot in rest])

    async def test_a_claim_that_collides_with_itself_is_lost(self, store: StoreUnderTest) -> None:
        """The guards hold among the claimed slots too."""
        trainer = new_id()
        overlapping = [a_block(trainer, NOON), a_block(trainer, NOON + 20 * _MINUTE)]
        same_wall = [
            a_block(trainer, NOON, "Asia/Tokyo"),
            a_block(trainer, NOON + timedelta(hours=9), "UTC"),
        ]
        assert not await store.claim(overlapping)
        assert not await store.claim(same_wall)
        assert await _live(store, trainer) == ()

    async def test_a_lost_claim_leaves_the_unit_as_it_was(self, store: StoreUnderTest) -> None:
        """What was written before stays, and the next candidate is claimed in the same unit."""
        zone, busy, free = a_zone(), new_id(), new_id()
        booking = a_booking(zone, trainer_id=free)
        await store.keep([a_block(busy, slots_for(booking)[4].starts_at)])
        async with store.unit_of_work() as unit:
            await unit.zones.add(zone)
            await unit.bookings.add(booking, store.FINGERPRINT)
            assert not await unit.schedule.claim(slots_for(booking, busy))
            slots = slots_for(booking)
            assert await unit.schedule.claim(slots)
            await unit.commit()
        assert await store.booking_reader.get(booking.id) == booking
        assert await _live(store, free) == slots
        assert len(await _live(store, busy)) == 1

    async def test_the_units_own_claims_count(self, store: StoreUnderTest) -> None:
        """A unit cannot claim the same time twice either."""
        trainer = new_id()
        async with store.unit_of_work() as unit:
            assert await unit.schedule.claim([a_block(trainer, NOON)])
            assert not await unit.schedule.claim([a_block(trainer, NOON + 20 * _MINUTE)])
            assert await unit.schedule.claim([a_block(trainer, NOON + 40 * _MINUTE)])
            await unit.commit()
        assert len(await _live(store, trainer)) == 2

    async def test_what_is_not_committed_is_free_again(self, store: StoreUnderTest) -> None:
        """A claim lasts with its unit alone."""
        trainer = new_id()
        slot = a_block(trainer, NOON)
        async with store.unit_of_work() as unit:
            assert await unit.schedule.claim([slot])
        assert await _live(store, trainer) == ()
        assert await store.claim([slot])

    async def test_a_session_has_one_live_slot(self, store: StoreUnderTest) -> None:
        """A second slot of the same session is refused, though its time is free."""
        zone, trainer, other = a_zone(), new_id(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        await store.keep(zone, booking, slots_for(booking))
        assert not await store.claim(slots_for(booking, other)[:1])
        assert await _live(store, other) == ()

    @_SHIFTS
    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_claim_waits_for_the_other_unit(
        self, store: StoreUnderTest, committed: bool, minutes: int
    ) -> None:
        """Of two units that want the same time, the second waits for what the first leaves."""
        trainer = new_id()
        first, second = a_block(trainer, NOON), a_block(trainer, NOON + minutes * _MINUTE)
        async with Rival[bool]() as rival:
            async with store.unit_of_work() as unit:
                assert await unit.schedule.claim([first])
                rival.start(store.claim([second]))
                assert await rival.waits()
                if committed:
                    await unit.commit()
            assert await rival.result() is not committed
        assert await _live(store, trainer) == ((first,) if committed else (second,))

    async def test_other_trainers_do_not_wait(self, store: StoreUnderTest) -> None:
        """A claim of one trainer's time holds up nobody else's."""
        async with store.unit_of_work() as unit:
            assert await unit.schedule.claim([a_block(new_id(), NOON)])
            async with asyncio.timeout(10):
                assert await store.claim([a_block(new_id(), NOON)])

    async def test_a_lost_claim_holds_up_nobody(self, store: StoreUnderTest) -> None:
        """A unit that lost a trainer's time is no longer claiming it."""
        trainer = new_id()
        assert await store.claim([a_block(trainer, NOON)])
        async with store.unit_of_work() as unit:
            assert not await unit.schedule.claim([a_block(trainer, NOON)])
            async with asyncio.timeout(10):
                assert await store.claim([a_block(trainer, NOON + _DAY)])

    @pytest.mark.parametrize("apart", [0, 20], ids=["same", "20min"])
    async def test_of_many_units_at_once_one_wins(self, store: StoreUnderTest, apart: int) -> None:
        """However many claim overlapping courses at the same time, one gets all of its slots."""
        trainer = new_id()
        courses = [
            [
                a_block(trainer, NOON + day * _DAY + apart * (turn % 2) * _MINUTE)
                for day in range(30)
            ]
            for turn in range(20)
        ]
        async with asyncio.timeout(60):
            won = await asyncio.gather(*(store.claim(course) for course in courses))
        assert sum(won) == 1
        assert await _live(store, trainer) == tuple(courses[won.index(True)])

    async def test_claims_in_opposite_order_end(self, store: StoreUnderTest) -> None:
        """Two units that want two trainers in opposite order do not stall; one gets both."""
        one, other = new_id(), new_id()
        both_hold_one = asyncio.Barrier(2)

        async def claim_both(first: UUID, second: UUID) -> bool:
            async with store.unit_of_work() as unit:
                assert await unit.schedule.claim([a_block(first, NOON)])
                await both_hold_one.wait()
                try:
                    claimed = await unit.schedule.claim([a_block(second, NOON)])
                    await unit.commit()
                except (TransactionConflict, DatabaseUnavailable):
                    return False
            return claimed

        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(claim_both(one, other), claim_both(other, one))
        assert sorted(outcomes) == [False, True]
        assert [len(await _live(store, trainer)) for trainer in (one, other)] == [1, 1]


async def _live(store: StoreUnderTest, trainer_id: UUID) -> tuple[Slot, ...]:
    first = NOON.date() - 40 * _DAY
    return await store.schedule_reader.slots(trainer_id, first, first + 200 * _DAY)
