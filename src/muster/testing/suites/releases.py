"""The conformance suites of freeing slots, and of reading a trainer's schedule."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.sessions import SessionStatus
from muster.domain.slots import Slot
from muster.testing.examples import a_booking, a_zone, new_id, slots_for
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.stretches import NOON, a_block

__all__ = ["ReleaseSuite", "ScheduleReaderSuite"]

_DAY = timedelta(days=1)


class ReleaseSuite(StoreSuite):
    """Holds ``ScheduleRepository.release`` to its port."""

    async def test_a_cancelled_booking_gives_its_time_back(self, store: StoreUnderTest) -> None:
        """All its slots are freed once, and the time can be claimed again."""
        booking, slots = await _taught(store)
        cancelled = _with_states(booking, [SessionStatus.CANCELLED] * 10)
        assert await _change(store, cancelled) == 10
        assert await _live(store, slots) == ()
        assert await store.claim(_blocks(slots))

    async def test_freed_time_can_be_claimed_in_the_same_unit(self, store: StoreUnderTest) -> None:
        """What was freed is free for the unit itself, and only for it until it commits."""
        booking, slots = await _taught(store)
        block = a_block(slots[3].trainer_id, slots[3].starts_at)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.bookings.replace(_with_states(booking, [SessionStatus.CANCELLED] * 10))
            assert await unit.schedule.release(_sessions(booking)) == 10
            assert await unit.schedule.claim([block])
            assert await _live(store, slots) == slots
            await unit.commit()
        assert await _live(store, slots) == (block,)

    async def test_it_is_idempotent(self, store: StoreUnderTest) -> None:
        """Nothing is freed a second time, nor from a booking that is not there."""
        booking, _ = await _taught(store)
        cancelled = _with_states(booking, [SessionStatus.CANCELLED] * 10)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.bookings.replace(cancelled)
            assert await unit.schedule.release(_sessions(booking)) == 10
            assert await unit.schedule.release(_sessions(booking)) == 0
            await unit.commit()
        async with store.unit_of_work() as unit:
            assert await unit.schedule.release(_sessions(booking)) == 0
            assert await unit.schedule.release([new_id()]) == 0

    async def test_only_the_named_sessions_let_go(self, store: StoreUnderTest) -> None:
        """Of ten sessions two are named; one of them twice, beside one that nobody has."""
        _, slots = await _taught(store)
        third, sixth = slots[2].session_id, slots[5].session_id
        assert third is not None
        assert sixth is not None
        async with store.unit_of_work() as unit:
            assert await unit.schedule.release([third, sixth, new_id(), third]) == 2
            await unit.commit()
        assert await _live(store, slots) == (*slots[:2], *slots[3:5], *slots[6:])

    async def test_no_session_frees_nothing(self, store: StoreUnderTest) -> None:
        """Without a session there is nothing to free."""
        _, slots = await _taught(store)
        async with store.unit_of_work() as unit:
            assert await unit.schedule.release([]) == 0
            await unit.commit()
        assert await _live(store, slots) == slots

    async def test_other_slots_of_the_trainer_stay(self, store: StoreUnderTest) -> None:
        """Neither another booking's slots nor a leave are freed."""
        booking, slots = await _taught(store)
        trainer = slots[0].trainer_id
        zone = a_zone()
        other = a_booking(
            zone,
            trainer_id=trainer,
            purchase=replace(booking.purchase, preferred_time_slot="19:00"),
        )
        others = slots_for(other)
        block = a_block(trainer, slots[0].starts_at - timedelta(hours=3))
        await store.keep(zone, other, others, [block])
        await _change(store, _with_states(booking, [SessionStatus.CANCELLED] * 10))
        assert await _live(store, slots) == (block, *others)

    async def test_what_is_not_committed_stays_claimed(self, store: StoreUnderTest) -> None:
        """A release lasts with its unit alone."""
        booking, slots = await _taught(store)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.bookings.replace(_with_states(booking, [SessionStatus.CANCELLED] * 10))
            assert await unit.schedule.release(_sessions(booking)) == 10
        assert await _live(store, slots) == slots
        assert not await store.claim(_blocks(slots)[:1])

    async def test_freed_time_is_no_longer_booked(self, store: StoreUnderTest) -> None:
        """A slot that is not live neither collides nor counts."""
        booking, slots = await _taught(store)
        states = [SessionStatus.COMPLETED] * 3 + [SessionStatus.CANCELLED] * 7
        await _change(store, _with_states(booking, states))
        plan = [session.plan for session in booking.sessions]
        trainer = slots[0].trainer_id
        async with store.unit_of_work() as unit:
            answer = await unit.schedule.availability([trainer], plan, plan[0].local_date, 28)
        assert answer[trainer].conflicts == (1, 2, 3)
        assert answer[trainer].booked_minutes == 120


class ScheduleReaderSuite(StoreSuite):
    """Holds a ``ScheduleReader`` to its port."""

    async def test_slots_come_back_exactly_in_order_of_time(self, store: StoreUnderTest) -> None:
        """Every field of booked and blocked slots, by absolute time."""
        booking, slots = await _taught(store)
        trainer = slots[0].trainer_id
        blocks = [
            a_block(trainer, slots[1].starts_at + timedelta(hours=5), "Pacific/Auckland"),
            a_block(trainer, slots[0].starts_at - timedelta(hours=2), "America/New_York"),
        ]
        await store.keep(blocks)
        expected = tuple(sorted((*slots, *blocks), key=lambda slot: slot.starts_at))
        found = await store.schedule_reader.slots(
            trainer, slots[0].local_date - _DAY, slots[-1].local_date + _DAY
        )
        assert found == expected
        assert all(slot.booking_id in (booking.id, None) for slot in found)

    async def test_both_days_are_included(self, store: StoreUnderTest) -> None:
        """The window is of local dates, and holds its first and its last day."""
        _, slots = await _taught(store)
        read = store.schedule_reader.slots
        trainer, days = slots[0].trainer_id, [slot.local_date for slot in slots]
        assert await read(trainer, days[2], days[5]) == slots[2:6]
        assert await read(trainer, days[3], days[3]) == slots[3:4]
        assert await read(trainer, days[-1] + _DAY, days[-1] + 9 * _DAY) == ()
        assert await read(trainer, days[5], days[2]) == ()

    async def test_the_local_date_decides(self, store: StoreUnderTest) -> None:
        """A slot belongs to the day on its own wall, not to the day in UTC."""
        trainer = new_id()
        late = a_block(trainer, NOON.replace(hour=20), "Asia/Tokyo")
        await store.keep([late])
        read = store.schedule_reader.slots
        assert late.local_date == NOON.date() + _DAY
        assert await read(trainer, NOON.date(), NOON.date()) == ()
        assert await read(trainer, late.local_date, late.local_date) == (late,)

    async def test_it_shows_one_trainers_committed_slots(self, store: StoreUnderTest) -> None:
        """Neither another trainer's slots nor those of an open unit."""
        trainer, other = new_id(), new_id()
        held = a_block(trainer, NOON)
        await store.keep([held], [a_block(other, NOON)])
        async with store.unit_of_work() as unit:
            assert await unit.schedule.claim([a_block(trainer, NOON + _DAY)])
            found = await store.schedule_reader.slots(trainer, NOON.date(), NOON.date() + _DAY)
        assert found == (held,)
        assert await store.schedule_reader.slots(new_id(), NOON.date(), NOON.date()) == ()


async def _taught(store: StoreUnderTest) -> tuple[Booking, tuple[Slot, ...]]:
    zone = a_zone()
    booking = a_booking(zone, trainer_id=new_id())
    slots = slots_for(booking)
    await store.keep(zone, booking, slots)
    return booking, slots


def _with_states(booking: Booking, states: list[SessionStatus]) -> Booking:
    changed = tuple(
        replace(session, status=status)
        for session, status in zip(booking.sessions, states, strict=True)
    )
    over = all(status is SessionStatus.CANCELLED for status in states)
    return replace(
        booking,
        status=BookingStatus.CANCELLED if over else booking.status,
        sessions=changed,
        version=booking.version + 1,
    )


async def _change(store: StoreUnderTest, booking: Booking) -> int:
    async with store.unit_of_work() as unit:
        await unit.bookings.get(booking.id)
        await unit.bookings.replace(booking)
        over = [one.id for one in booking.sessions if one.status is SessionStatus.CANCELLED]
        freed = await unit.schedule.release(over)
        await unit.commit()
    return freed


def _sessions(booking: Booking) -> list[UUID]:
    return [session.id for session in booking.sessions]


async def _live(store: StoreUnderTest, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    first, last = slots[0], slots[-1]
    return await store.schedule_reader.slots(first.trainer_id, first.local_date, last.local_date)


def _blocks(slots: tuple[Slot, ...]) -> list[Slot]:
    return [a_block(slot.trainer_id, slot.starts_at, slot.time_zone) for slot in slots]
