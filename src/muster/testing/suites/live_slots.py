"""The conformance suite of what live slots claim in a span."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.slots import Slot
from muster.testing.examples import a_booking, a_zone, new_id, slots_for
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.stretches import NOON, a_block

__all__ = ["LiveSlotsSuite"]

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_Entry = tuple[datetime, datetime, date, str, str, UUID]
_Span = tuple[date, date, datetime, datetime]
_AROUND_NOON: _Span = (NOON.date(), NOON.date(), NOON - 12 * _HOUR, NOON + 12 * _HOUR)


async def _all_found(store: StoreUnderTest, trainers: list[UUID], span: _Span) -> list[_Entry]:
    answer = await store.schedule_reader.live_slots(trainers, *span)
    return sorted(
        (
            time.starts_at,
            time.ends_at,
            time.local_date,
            time.timeslot,
            time.state.value,
            trainers[place],
        )
        for time in answer
        for place in time.held_by
    )


def _entry(slot: Slot) -> _Entry:
    return (
        slot.starts_at,
        slot.ends_at,
        slot.local_date,
        slot.timeslot,
        slot.state.value,
        slot.trainer_id,
    )


async def _found(store: StoreUnderTest, trainer_id: UUID, span: _Span) -> list[_Entry]:
    return await _all_found(store, [trainer_id], span)


class LiveSlotsSuite(StoreSuite):
    """Holds ``ScheduleReader.live_slots`` to its port."""

    async def test_times_come_back_exactly(self, store: StoreUnderTest) -> None:
        """Booked and blocked slots with their instants, walls and who claims them."""
        zone, trainer = a_zone(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        slots = slots_for(booking)
        block = a_block(trainer, slots[0].starts_at + 5 * _HOUR, "Pacific/Auckland")
        await store.keep(zone, booking, slots, [block])
        days = slots[0].local_date, slots[-1].local_date
        span = (*days, slots[0].starts_at, slots[-1].ends_at)
        assert await _found(store, trainer, span) == sorted(map(_entry, (*slots, block)))

    async def test_all_trainers_are_told_in_one_answer(self, store: StoreUnderTest) -> None:
        """Each with their own slots, those who share a time at once."""
        one, other, free = new_id(), new_id(), new_id()
        shared = [a_block(id_, NOON) for id_ in (one, other)]
        own = a_block(other, NOON + _HOUR)
        await store.keep(*([slot] for slot in (*shared, own)))
        asked = [free, other, one]
        assert await _all_found(store, asked, _AROUND_NOON) == sorted(map(_entry, (*shared, own)))
        answer = await store.schedule_reader.live_slots(asked, *_AROUND_NOON)
        assert sorted(sorted(time.held_by) for time in answer) == [[1], [1, 2]]
        assert await _all_found(store, [], _AROUND_NOON) == []

    async def test_the_end_of_the_span_and_of_a_slot_is_exclusive(
        self, store: StoreUnderTest
    ) -> None:
        """A slot that touches the span is not in it, unless its date is."""
        trainer = new_id()
        before, after = a_block(trainer, NOON), a_block(trainer, NOON + 2 * _HOUR)
        await store.keep([before], [after])
        elsewhere = NOON.date() + 9 * _DAY, NOON.date() + 9 * _DAY

        async def found(starts_at: datetime, ends_at: datetime) -> list[_Entry]:
            return await _found(store, trainer, (*elsewhere, starts_at, ends_at))

        minute = timedelta(minutes=1)
        assert await found(before.ends_at, after.starts_at) == []
        assert await found(before.ends_at - minute, after.starts_at) == [_entry(before)]
        assert await found(before.ends_at, after.starts_at + minute) == [_entry(after)]

    async def test_a_date_of_the_span_is_enough(self, store: StoreUnderTest) -> None:
        """The wall of a slot far away shows the date while the span is over, or not begun."""
        trainer = new_id()
        east = a_block(trainer, NOON - 18 * _HOUR, "Pacific/Kiritimati")
        west = a_block(trainer, NOON + 18 * _HOUR, "Pacific/Pago_Pago")
        assert east.local_date == west.local_date == NOON.date()
        await store.keep([east], [west])
        span = NOON.date(), NOON.date(), NOON, NOON + _HOUR
        assert await _found(store, trainer, span) == [_entry(east), _entry(west)]

    async def test_what_began_long_before_is_found(self, store: StoreUnderTest) -> None:
        """A block of weeks claims the days within it."""
        trainer = new_id()
        long = replace(a_block(trainer, NOON - 20 * _DAY), ends_at=NOON + 20 * _DAY)
        await store.keep([long])
        assert await _found(store, trainer, _AROUND_NOON) == [_entry(long)]

    async def test_it_shows_committed_slots_that_are_live(self, store: StoreUnderTest) -> None:
        """Neither those of an open unit nor those that were let go."""
        trainer = new_id()
        async with store.unit_of_work() as unit:
            assert await unit.schedule.claim([a_block(trainer, NOON)])
            assert await _found(store, trainer, _AROUND_NOON) == []
        zone = a_zone()
        booking = a_booking(zone, trainer_id=trainer)
        slots = slots_for(booking)
        await store.keep(zone, booking, slots)
        async with store.unit_of_work() as unit:
            assert await unit.schedule.release([one.id for one in booking.sessions[1:]])
            await unit.commit()
        span = slots[0].local_date, slots[-1].local_date, slots[0].starts_at, slots[-1].ends_at
        assert await _found(store, trainer, span) == [_entry(slots[0])]

    @AGAINST_A_PORT
    @given(
        held=st.lists(
            st.tuples(
                st.integers(-400, 400),
                st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
                st.sampled_from([40, 40, 1440, 5000]),
            ),
            max_size=8,
        ),
        first=st.integers(-2, 2),
        days=st.integers(0, 2),
        begins=st.integers(-300, 300),
        minutes=st.integers(1, 4000),
    )
    async def test_it_tells_what_lies_in_the_span(
        self,
        store: StoreUnderTest,
        held: list[tuple[int, str, int]],
        first: int,
        days: int,
        begins: int,
        minutes: int,
    ) -> None:
        """For any slots, any days and any instants."""
        trainer = new_id()
        slots: list[Slot] = []
        for step, zone, length in held:
            slot = a_block(trainer, NOON + step * timedelta(minutes=10), zone)
            slot = replace(slot, ends_at=slot.starts_at + timedelta(minutes=length))
            if await store.claim([slot]):
                slots.append(slot)
        from_day = NOON.date() + first * _DAY
        to_day = from_day + days * _DAY
        starts_at = NOON + begins * timedelta(minutes=10)
        ends_at = starts_at + timedelta(minutes=minutes)
        expected = [
            slot
            for slot in slots
            if (slot.starts_at < ends_at and starts_at < slot.ends_at)
            or from_day <= slot.local_date <= to_day
        ]
        span = from_day, to_day, starts_at, ends_at
        assert await _found(store, trainer, span) == sorted(map(_entry, expected))
