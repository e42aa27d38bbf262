"""The conformance suite of holding trainers' time: what is under a stretch, who waits."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.slots import Slot, SlotState
from muster.testing.examples import a_booking, a_zone, new_id, slots_for
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.stretches import NOON, a_block

__all__ = ["HeldTimeSuite"]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_EVENING = NOON + timedelta(hours=6)

_STRETCHES = st.lists(
    st.tuples(
        st.integers(-150, 150),
        st.sampled_from([10, 40, 600]),
        st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kolkata"]),
    ),
    max_size=12,
)


class HeldTimeSuite(StoreSuite):
    """Holds ``under``, ``hold`` and ``unblock`` of a ``ScheduleRepository`` to their port."""

    async def test_what_is_under_comes_whole_in_order_of_time(self, store: StoreUnderTest) -> None:
        """Booked and blocked slots with every field, each once, the end exclusive."""
        zone, trainer = a_zone(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        slots = slots_for(booking)
        blocks = [
            a_block(trainer, slots[1].starts_at + 4 * timedelta(hours=1), "Pacific/Auckland"),
            a_block(trainer, slots[0].starts_at - 2 * timedelta(hours=1), "America/New_York"),
        ]
        await store.keep(zone, booking, slots, blocks, [a_block(new_id(), slots[0].starts_at)])
        whole = _long(trainer, blocks[1].starts_at, slots[1].starts_at + 5 * timedelta(hours=1))
        touching = _long(trainer, slots[0].ends_at, slots[1].starts_at)
        async with store.unit_of_work() as unit:
            under = unit.schedule.under
            assert await under([whole]) == (blocks[1], slots[0], slots[1], blocks[0])
            assert await under([whole, whole, touching]) == await under([whole])
            assert await under([touching]) == ()
            assert await under([a_block(new_id(), slots[0].starts_at)]) == ()
            assert await under([]) == ()

    async def test_an_equal_local_date_and_timeslot_is_under_it(
        self, store: StoreUnderTest
    ) -> None:
        """By the second guard too, hours apart as they are."""
        trainer = new_id()
        tokyo = a_block(trainer, NOON, "Asia/Tokyo")
        same_wall = a_block(trainer, NOON + timedelta(hours=9), "UTC")
        next_day = replace(same_wall, local_date=same_wall.local_date + _DAY)
        assert (same_wall.local_date, same_wall.timeslot) == (tokyo.local_date, tokyo.timeslot)
        await store.keep([tokyo])
        async with store.unit_of_work() as unit:
            assert await unit.schedule.under([same_wall]) == (tokyo,)
            assert await unit.schedule.under([next_day]) == ()

    async def test_the_units_own_writes_count(self, store: StoreUnderTest) -> None:
        """What it claimed is there for it alone; what it freed is gone for it alone."""
        zone, trainer = a_zone(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        slots = slots_for(booking)
        await store.keep(zone, booking, slots)
        first = slots[0].session_id
        assert first is not None
        whole = _long(trainer, slots[0].starts_at, slots[1].ends_at)
        own = a_block(trainer, slots[0].starts_at + 20 * _MINUTE)
        async with store.unit_of_work() as unit:
            assert await unit.schedule.release([first]) == 1
            assert await unit.schedule.under([whole]) == (slots[1],)
            assert await unit.schedule.claim([own])
            assert await unit.schedule.under([whole]) == (own, slots[1])
            async with store.unit_of_work() as other:
                assert await other.schedule.under([whole]) == slots[:2]

    async def test_it_is_asked_of_one_trainers_time(self, store: StoreUnderTest) -> None:
        """Slots of two trainers are a fault of the caller."""
        slots = [a_block(new_id(), NOON), a_block(new_id(), NOON)]
        async with store.unit_of_work() as unit:
            with pytest.raises(ValueError, match="several trainers"):
                await unit.schedule.under(slots)

    @AGAINST_A_PORT
    @given(held=_STRETCHES, asked=_STRETCHES)
    async def test_it_says_what_the_law_says(
        self,
        store: StoreUnderTest,
        held: list[tuple[int, int, str]],
        asked: list[tuple[int, int, str]],
    ) -> None:
        """For any slots: those that share a minute with one asked for, or its date and time."""
        trainer = new_id()
        wanted = [_stretch(trainer, *one) for one in asked]
        async with store.unit_of_work() as unit:
            tried = [_stretch(trainer, *one) for one in held]
            live = [slot for slot in tried if await unit.schedule.claim([slot])]
            found = await unit.schedule.under(wanted)
        expected = [slot for slot in live if any(_meet(slot, other) for other in wanted)]
        assert found == tuple(sorted(expected, key=lambda slot: slot.starts_at))

    @pytest.mark.parametrize("claimed", [True, False], ids=["claimed", "left"])
    async def test_held_time_is_claimed_by_nobody_else(
        self, store: StoreUnderTest, claimed: bool
    ) -> None:
        """A rival's claim waits for the unit's end, and is decided by what it left."""
        trainer = new_id()
        own, wanted = a_block(trainer, NOON), a_block(trainer, NOON + 20 * _MINUTE)
        async with Rival[bool]() as rival:
            async with store.unit_of_work() as unit:
                await unit.schedule.hold([trainer])
                rival.start(store.claim([wanted]))
                assert await rival.waits()
                assert await unit.schedule.under([own]) == ()
                assert await unit.schedule.claim([own])
                if claimed:
                    await unit.commit()
            assert await rival.result() is not claimed

    async def test_holding_waits_for_who_is_claiming(self, store: StoreUnderTest) -> None:
        """And then sees what was claimed."""
        trainer = new_id()
        claimed = a_block(trainer, NOON)

        async def look() -> tuple[Slot, ...]:
            async with store.unit_of_work() as unit:
                await unit.schedule.hold([trainer])
                return await unit.schedule.under([a_block(trainer, NOON)])

        async with Rival[tuple[Slot, ...]]() as rival:
            async with store.unit_of_work() as unit:
                assert await unit.schedule.claim([claimed])
                rival.start(look())
                assert await rival.waits()
                await unit.commit()
            assert await rival.result() == (claimed,)

    async def test_trainers_are_held_in_order_of_their_ids(self, store: StoreUnderTest) -> None:
        """Who waits for the first of them has none of the others, in whatever order it asked."""
        one, two = new_id(), new_id()

        async def hold() -> bool:
            async with store.unit_of_work() as unit:
                await unit.schedule.hold([two, one])
                return True

        async with Rival[bool]() as rival:
            async with store.unit_of_work() as unit:
                await unit.schedule.hold([one])
                rival.start(hold())
                assert await rival.waits()
                async with asyncio.timeout(10):
                    await unit.schedule.hold([two])
            assert await rival.result()

    async def test_opposite_orders_end(self, store: StoreUnderTest) -> None:
        """Many units that hold the same trainers, asked for in any order, all come to claim."""
        trainers = [new_id() for _ in range(4)]

        async def claim(turn: int) -> bool:
            async with store.unit_of_work() as unit:
                await unit.schedule.hold(trainers[:: 1 if turn % 2 else -1])
                claims = [
                    await unit.schedule.claim([a_block(trainer, NOON + turn * _DAY)])
                    for trainer in trainers[:: -1 if turn % 3 else 1]
                ]
                await unit.commit()
            return all(claims)

        async with asyncio.timeout(30):
            assert all(await asyncio.gather(*map(claim, range(20))))

    async def test_holding_again_waits_for_nobody(self, store: StoreUnderTest) -> None:
        """A unit may hold whom it holds, or nobody, and others are not held up."""
        trainer = new_id()
        async with store.unit_of_work() as unit, asyncio.timeout(10):
            await unit.schedule.hold([])
            await unit.schedule.hold([trainer, trainer])
            await unit.schedule.hold([new_id(), trainer])
            assert await unit.schedule.claim([a_block(trainer, NOON)])
            assert await store.claim([a_block(new_id(), NOON)])

    async def test_a_lost_claim_leaves_the_trainer_held(self, store: StoreUnderTest) -> None:
        """Letting go of a lost claim does not let go of what was held before it."""
        trainer = new_id()
        assert await store.claim([a_block(trainer, NOON)])
        async with Rival[bool]() as rival:
            async with store.unit_of_work() as unit:
                await unit.schedule.hold([trainer])
                assert not await unit.schedule.claim([a_block(trainer, NOON)])
                rival.start(store.claim([a_block(trainer, NOON + _DAY)]))
                assert await rival.waits()
            assert await rival.result()

    async def test_a_block_lets_go_of_its_time(self, store: StoreUnderTest) -> None:
        """All of its live slots, once; nobody else's; from the commit on for others."""
        zone, trainer, block_id = a_zone(), new_id(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        blocked = [
            replace(a_block(trainer, _EVENING + day * _DAY), block_id=block_id) for day in range(3)
        ]
        other = a_block(trainer, _EVENING + timedelta(hours=2))
        await store.keep(zone, booking, slots_for(booking), blocked, [other])
        before = await _live(store, trainer)
        async with store.unit_of_work() as unit:
            assert await unit.schedule.unblock(block_id) == 3
            assert await unit.schedule.unblock(block_id) == 0
            assert await unit.schedule.unblock(new_id()) == 0
            assert await unit.schedule.under(blocked) == ()
            assert await _live(store, trainer) == before
            await unit.commit()
        assert await _live(store, trainer) == tuple(one for one in before if one not in blocked)
        again = [replace(slot, id=new_id(), block_id=new_id()) for slot in blocked]
        assert await store.claim(again)

    async def test_unblocking_lasts_with_its_unit_alone(self, store: StoreUnderTest) -> None:
        """What is not committed stays blocked."""
        slot = a_block(new_id(), NOON)
        assert slot.block_id is not None
        await store.keep([slot])
        async with store.unit_of_work() as unit:
            assert await unit.schedule.unblock(slot.block_id) == 1
        assert await _live(store, slot.trainer_id) == (slot,)
        assert not await store.claim([replace(slot, id=new_id())])


def _long(trainer_id: UUID, starts_at: datetime, ends_at: datetime) -> Slot:
    return replace(a_block(trainer_id, starts_at), ends_at=ends_at)


def _stretch(trainer_id: UUID, step: int, minutes: int, time_zone: str) -> Slot:
    slot = a_block(trainer_id, NOON + step * 10 * _MINUTE, time_zone)
    return replace(slot, ends_at=slot.starts_at + minutes * _MINUTE)


def _meet(one: Slot, other: Slot) -> bool:
    """Return whether two slots share a minute or a name, counted out."""
    if f"{one.local_date} {one.timeslot}" == f"{other.local_date} {other.timeslot}":
        return True
    return bool(_minutes(one) & _minutes(other))


def _minutes(slot: Slot) -> set[int]:
    return set(range(int(slot.starts_at.timestamp()), int(slot.ends_at.timestamp()), 60))


async def _live(store: StoreUnderTest, trainer_id: UUID) -> tuple[Slot, ...]:
    found = await store.schedule_reader.slots(trainer_id, date(2026, 1, 1), date(2028, 1, 1))
    assert all((slot.state is SlotState.BLOCKED) == (slot.block_id is not None) for slot in found)
    return found
