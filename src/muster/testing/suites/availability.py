"""The conformance suite of what live slots say about a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.sessions import PlannedSession
from muster.domain.slots import Availability, Slot, collides, conflicting_numbers
from muster.ports.unit_of_work import UnitOfWork
from muster.testing.examples import a_booking, a_zone, new_id, slots_for
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.stretches import NOON, a_block, a_plan

__all__ = ["AvailabilitySuite"]

_DAY = timedelta(days=1)
_WINDOW_DAYS = 28


async def _asked(
    unit: UnitOfWork, trainer_id: UUID, plan: list[PlannedSession], from_day: date | None = None
) -> Availability:
    first = from_day or NOON.date()
    answer = await unit.schedule.availability([trainer_id], plan, first, _WINDOW_DAYS)
    assert set(answer) <= {trainer_id}
    return answer.get(trainer_id, Availability())


class AvailabilitySuite(StoreSuite):
    """Holds ``ScheduleRepository.availability`` to its port."""

    async def test_unknown_trainers_are_free(self, store: StoreUnderTest) -> None:
        """A trainer without a slot has no entry, or an empty one."""
        trainers = [new_id(), new_id()]
        async with store.unit_of_work() as unit:
            answer = await unit.schedule.availability(trainers, [a_plan(NOON)], NOON.date(), 28)
            assert set(answer) <= set(trainers)
            assert set(answer.values()) <= {Availability()}
            assert not await unit.schedule.availability([], [a_plan(NOON)], NOON.date(), 28)

    async def test_overlap_is_in_absolute_time_and_its_end_is_exclusive(
        self, store: StoreUnderTest
    ) -> None:
        """A session collides with a slot that it overlaps by a minute, not one it touches."""
        trainer = new_id()
        await store.keep([a_block(trainer, NOON)])
        starts = [-41, -40, -39, -20, 0, 20, 39, 40, 41]
        plan = [
            a_plan(NOON + timedelta(minutes=start), number=number)
            for number, start in enumerate(starts, start=1)
        ]
        async with store.unit_of_work() as unit:
            assert (await _asked(unit, trainer, plan)).conflicts == (3, 4, 5, 6, 7)

    async def test_the_same_instant_collides_in_any_time_zone(self, store: StoreUnderTest) -> None:
        """Another wall clock does not hide an overlap."""
        trainer = new_id()
        await store.keep([a_block(trainer, NOON, "Asia/Tokyo")])
        plan = [a_plan(NOON + timedelta(minutes=10), "America/Los_Angeles")]
        async with store.unit_of_work() as unit:
            assert (await _asked(unit, trainer, plan)).conflicts == (1,)

    async def test_an_equal_local_date_and_timeslot_collides_in_any_time_zone(
        self, store: StoreUnderTest
    ) -> None:
        """The same date and ``HH:MM`` on two walls is one slot, hours apart as they are."""
        trainer = new_id()
        tokyo = a_block(trainer, NOON, "Asia/Tokyo")
        await store.keep([tokyo])
        later = NOON + timedelta(hours=9)
        same_wall, same_instant_less = a_plan(later, "UTC"), a_plan(later, "Asia/Tokyo", number=2)
        assert (same_wall.local_date, same_wall.local_time) == (tokyo.local_date, tokyo.timeslot)
        async with store.unit_of_work() as unit:
            assert (await _asked(unit, trainer, [same_wall])).conflicts == (1,)
            assert (await _asked(unit, trainer, [same_instant_less])).conflicts == ()

    async def test_conflicts_are_told_by_number_ascending(self, store: StoreUnderTest) -> None:
        """The numbers are those of the plan, whatever the order in which it is asked."""
        trainer = new_id()
        await store.keep([a_block(trainer, NOON + day * _DAY) for day in (0, 2, 3)])
        plan = [a_plan(NOON + day * _DAY, number=20 - day) for day in (3, 0, 1, 2)]
        async with store.unit_of_work() as unit:
            assert (await _asked(unit, trainer, plan)).conflicts == (17, 18, 20)

    async def test_all_trainers_are_told_in_one_answer(self, store: StoreUnderTest) -> None:
        """Each has what their own slots say, and nobody else's."""
        busy, later, free = new_id(), new_id(), new_id()
        await store.keep([a_block(busy, NOON)], [a_block(later, NOON + _DAY)])
        plan = [a_plan(NOON), a_plan(NOON + _DAY, number=2)]
        async with store.unit_of_work() as unit:
            answer = await unit.schedule.availability([free, later, busy], plan, NOON.date(), 28)
        assert answer.get(busy) == Availability((1,), 0)
        assert answer.get(later) == Availability((2,), 0)
        assert answer.get(free, Availability()) == Availability()

    async def test_booked_minutes_count_from_the_first_day_for_the_window(
        self, store: StoreUnderTest
    ) -> None:
        """Slots of sessions count by their local date, the last day of the window included."""
        zone, trainer = a_zone(), new_id()
        booking = a_booking(zone, trainer_id=trainer)
        slots = slots_for(booking)
        await store.keep(zone, booking, slots)
        first = slots[0].local_date
        last = slots[-1].local_date
        async with store.unit_of_work() as unit:

            async def minutes(from_day: date) -> int:
                return (await _asked(unit, trainer, [], from_day)).booked_minutes

            assert await minutes(first) == 400
            assert await minutes(first + _DAY) == 360
            assert await minutes(last) == 40
            assert await minutes(last + _DAY) == 0
            assert await minutes(last - (_WINDOW_DAYS - 1) * _DAY) == 400
            assert await minutes(last - _WINDOW_DAYS * _DAY) == 360
            assert await minutes(first - (_WINDOW_DAYS - 1) * _DAY) == 40
            assert await minutes(first - _WINDOW_DAYS * _DAY) == 0
            answer = await unit.schedule.availability([trainer], [], first, 3)
            assert answer[trainer].booked_minutes == 120

    async def test_blocked_time_collides_but_is_not_booked(self, store: StoreUnderTest) -> None:
        """Leave holds time; only sessions count as booked minutes."""
        trainer = new_id()
        await store.keep([a_block(trainer, NOON)])
        async with store.unit_of_work() as unit:
            assert await _asked(unit, trainer, [a_plan(NOON)]) == Availability((1,), 0)

    async def test_sessions_are_counted_by_local_day(self, store: StoreUnderTest) -> None:
        """Live slots of sessions count on the days asked for; leave and freed ones do not."""
        zone, busy, free = a_zone(), new_id(), new_id()
        booking = a_booking(zone, trainer_id=busy)
        slots = slots_for(booking)
        away = a_block(busy, slots[-1].ends_at + _DAY)
        await store.keep(zone, booking, slots, [away])
        days = [slot.local_date for slot in slots]
        async with store.unit_of_work() as unit:
            counted = await unit.schedule.booked_days([free, busy], [*days[1:], away.local_date])
            assert _counted(counted) == {busy: dict.fromkeys(days[1:], 1)}
            late = replace(slots[1], id=new_id(), booking_id=new_id(), session_id=new_id())
            again = _at_another_time(late)
            assert await unit.schedule.claim([again])
            assert slots[2].session_id is not None
            await unit.schedule.release([slots[2].session_id])
            counted = await unit.schedule.booked_days([busy, free], days[:3])
            assert _counted(counted) == {busy: {days[0]: 1, days[1]: 2}}
            assert _counted(await unit.schedule.booked_days([busy], [])) == {}
            assert _counted(await unit.schedule.booked_days([], days)) == {}

    async def test_a_unit_sees_what_it_claimed_itself(self, store: StoreUnderTest) -> None:
        """And another unit sees it once it is committed."""
        trainer, plan = new_id(), [a_plan(NOON)]
        async with store.unit_of_work() as unit, store.unit_of_work() as other:
            assert await unit.schedule.claim([a_block(trainer, NOON)])
            assert (await _asked(unit, trainer, plan)).conflicts == (1,)
            assert (await _asked(other, trainer, plan)).conflicts == ()
            await unit.commit()
            assert (await _asked(other, trainer, plan)).conflicts == (1,)

    @AGAINST_A_PORT
    @given(
        held=st.lists(
            st.tuples(st.integers(-300, 300), st.sampled_from(["UTC", "Asia/Tokyo"])), max_size=12
        ),
        planned=st.lists(
            st.tuples(
                st.integers(-300, 300), st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kolkata"])
            ),
            max_size=8,
        ),
    )
    async def test_it_says_what_the_law_says(
        self,
        store: StoreUnderTest,
        held: list[tuple[int, str]],
        planned: list[tuple[int, str]],
    ) -> None:
        """For any slots and any plan, the claims and conflicts are those of the two guards."""
        trainer = new_id()
        live: list[Slot] = []
        plan = [
            a_plan(_at(step), zone, number=number)
            for number, (step, zone) in enumerate(planned, start=1)
        ]
        async with store.unit_of_work() as unit:
            for step, zone in held:
                slot = a_block(trainer, _at(step), zone)
                fits = not any(collides(other, _as_plan(slot)) for other in live)
                assert await unit.schedule.claim([slot]) == fits
                if fits:
                    live.append(slot)
            found = await _asked(unit, trainer, plan)
        assert found == Availability(conflicting_numbers(live, plan), 0)


def _counted(answer: Mapping[UUID, Mapping[date, int]]) -> dict[UUID, dict[date, int]]:
    return {trainer: dict(days) for trainer, days in answer.items() if days}


def _at_another_time(slot: Slot) -> Slot:
    """Return it three hours later on the same day."""
    later = timedelta(hours=3)
    hour, minute = slot.timeslot.split(":")
    return replace(
        slot,
        timeslot=f"{int(hour) + 3:02}:{minute}",
        starts_at=slot.starts_at + later,
        ends_at=slot.ends_at + later,
    )


def _at(step: int) -> datetime:
    return NOON + step * timedelta(minutes=10)


def _as_plan(slot: Slot) -> PlannedSession:
    return a_plan(slot.starts_at, slot.time_zone)
