"""The conformance suite of trainers' calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from muster.domain.bookings import Booking, ClassType, Student
from muster.domain.calendars import CalendarEntry, Lesson
from muster.domain.sessions import SessionStatus
from muster.domain.slots import Slot
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_purchase,
    a_zone,
    new_id,
    slots_for,
)
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest
from muster.testing.suites.stretches import NOON, a_block

__all__ = ["CalendarReaderSuite"]

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MOST = 1_000


class CalendarReaderSuite(StoreSuite):
    """Holds a ``CalendarReader`` to its port."""

    async def test_lessons_come_back_exactly(self, store: StoreUnderTest) -> None:
        """Every field of the slot, the session and the booking, in order of time."""
        students = (Student(new_id(), "Asha, Devi"), Student(new_id(), "Bo\nLi", "b@example.org"))
        purchase = a_purchase(class_type=ClassType.HYBRID, total_sessions=30, students=students)
        booking, slots = await _taught(store, purchase=purchase, version=1)
        zone = booking.zone
        assert zone is not None
        assert await _all(store, slots) == tuple(
            CalendarEntry(
                slot,
                True,
                Lesson(
                    number=session.plan.number,
                    of=30,
                    mode=session.plan.mode,
                    status=SessionStatus.SCHEDULED,
                    course_id=purchase.course_id,
                    student_names=("Asha, Devi", "Bo\nLi"),
                    place=purchase.student_location,
                    zone_name=zone.name,
                    trainer_name="Meera Rao",
                    version=1,
                    changed_at=AN_INSTANT,
                ),
            )
            for slot, session in zip(slots, booking.sessions, strict=True)
        )

    async def test_leave_stands_between_lessons(self, store: StoreUnderTest) -> None:
        """As a live slot without a lesson; when it is lifted it is gone."""
        _, slots = await _taught(store)
        trainer = slots[0].trainer_id
        block = a_block(trainer, slots[0].starts_at + _HOUR, "Europe/Berlin")
        await store.keep([block])
        found = await _all(store, slots)
        assert [entry.slot for entry in found] == [slots[0], block, *slots[1:]]
        assert found[1] == CalendarEntry(block, True, None)
        assert block.block_id is not None
        async with store.unit_of_work() as unit:
            await unit.schedule.unblock(block.block_id)
            await unit.commit()
        assert [entry.slot for entry in await _all(store, slots)] == list(slots)

    async def test_what_was_given_up_stays_and_says_so(self, store: StoreUnderTest) -> None:
        """A session without a slot of the trainer's has the one that it had, not live."""
        booking, slots = await _taught(store)
        states = [SessionStatus.CANCELLED, SessionStatus.STRANDED, SessionStatus.COMPLETED]
        later = AN_INSTANT + _HOUR
        changed = _with_states(replace(booking, version=2, updated_at=later), states)
        await _change(store, changed, [session.id for session in booking.sessions[:2]])
        found = await _all(store, slots)
        assert [entry.slot for entry in found] == list(slots)
        assert [entry.live for entry in found] == [False, False, *[True] * 8]
        lessons = [entry.lesson for entry in found if entry.lesson]
        assert [lesson.status for lesson in lessons[:4]] == [*states, SessionStatus.SCHEDULED]
        assert {(lesson.version, lesson.changed_at) for lesson in lessons} == {(2, later)}

    async def test_a_session_handed_over_stands_in_both_calendars(
        self, store: StoreUnderTest
    ) -> None:
        """Given up in the one, live in the other; the booking's name is its trainer's alone."""
        booking, slots = await _taught(store)
        other = new_id()
        first = replace(booking.sessions[0], trainer_id=other)
        changed = replace(booking, sessions=(first, *booking.sessions[1:]), version=2)
        handed = replace(slots[0], id=new_id(), trainer_id=other)
        await _change(store, changed, [first.id], [handed])
        found = await _all(store, slots)
        assert [(entry.slot, entry.live) for entry in found[:2]] == [
            (slots[0], False),
            (slots[1], True),
        ]
        (taken,) = await _all(store, (handed,))
        assert (taken.slot, taken.live) == (handed, True)
        assert found[0].lesson is not None
        assert taken.lesson == replace(found[0].lesson, trainer_name=None)

    async def test_a_session_stands_once_however_often_it_moved(
        self, store: StoreUnderTest
    ) -> None:
        """With its live slot; once given up, with the last one; moved out of sight, not at all."""
        booking, slots = await _taught(store)
        session = booking.sessions[0]
        moves = [_moved(slots[0], hours) for hours in (1, 2, 3)]
        for version, move in enumerate(moves, 2):
            await _change(store, replace(booking, version=version), [session.id], [move])
        found = await _all(store, slots)
        assert [entry.slot for entry in found] == [moves[-1], *slots[1:]]
        away = _moved(slots[0], 24 * 60)
        await _change(store, replace(booking, version=5), [session.id], [away])
        assert [entry.slot for entry in await _all(store, slots)] == list(slots[1:])
        await _change(store, replace(booking, version=6), [session.id])
        found = await _all(store, slots)
        assert [(entry.slot, entry.live) for entry in found[:2]] == [
            (moves[-1], False),
            (slots[1], True),
        ]

    async def test_a_session_given_back_is_live(self, store: StoreUnderTest) -> None:
        """A trainer who takes a session again has it once."""
        booking, slots = await _taught(store)
        again = replace(slots[0], id=new_id())
        await _change(store, replace(booking, version=2), [booking.sessions[0].id], [again])
        found = await _all(store, slots)
        assert [(entry.slot, entry.live) for entry in found[:1]] == [(again, True)]
        assert len(found) == len(slots)

    async def test_days_and_number_are_bounded(self, store: StoreUnderTest) -> None:
        """Both days are included, by the slots' own walls; the earliest entries come first."""
        booking, slots = await _taught(store)
        ids = [session.id for session in booking.sessions[2:4]]
        states = [SessionStatus.SCHEDULED] * 2 + [SessionStatus.CANCELLED] * 2
        await _change(store, _with_states(replace(booking, version=2), states), ids)
        read = store.calendar_reader.of_trainer
        trainer, days = slots[0].trainer_id, [slot.local_date for slot in slots]
        for first, last in ((2, 5), (3, 3), (5, 2)):
            shown = await read(trainer, days[first], days[last], _MOST)
            assert [entry.slot for entry in shown] == list(slots[first : last + 1])
        shown = await read(trainer, days[0], days[-1], 3)
        assert [entry.slot for entry in shown] == list(slots[:3])

    async def test_a_calendar_is_the_trainers_own(self, store: StoreUnderTest) -> None:
        """Neither another trainer's time nor what is not committed; nobody's is empty."""
        _, slots = await _taught(store)
        await _taught(store)
        async with store.unit_of_work() as unit:
            assert await unit.schedule.claim([a_block(slots[0].trainer_id, NOON + _HOUR)])
            assert [entry.slot for entry in await _all(store, slots)] == list(slots)
        days = slots[0].local_date, slots[-1].local_date
        assert await store.calendar_reader.of_trainer(new_id(), *days, _MOST) == ()


async def _taught(store: StoreUnderTest, **fields: object) -> tuple[Booking, tuple[Slot, ...]]:
    zone = a_zone()
    known: Mapping[str, object] = {"trainer_id": new_id(), **fields}
    booking = a_booking(zone, **known)  # type: ignore[arg-type] # the fields of an example
    slots = slots_for(booking)
    await store.keep(zone, booking, slots)
    return booking, slots


async def _all(store: StoreUnderTest, slots: tuple[Slot, ...]) -> tuple[CalendarEntry, ...]:
    first, last = slots[0], slots[-1]
    return await store.calendar_reader.of_trainer(
        first.trainer_id, first.local_date, last.local_date, _MOST
    )


async def _change(
    store: StoreUnderTest, booking: Booking, freed: list[UUID], claimed: list[Slot] | None = None
) -> None:
    """Store a booking, free some of its sessions' slots, claim others."""
    async with store.unit_of_work() as unit:
        await unit.bookings.get(booking.id)
        await unit.bookings.replace(booking)
        assert await unit.schedule.release(freed) in (0, len(freed))
        if claimed:
            assert await unit.schedule.claim(claimed)
        await unit.commit()


def _with_states(booking: Booking, states: list[SessionStatus]) -> Booking:
    changed = (
        replace(session, status=status)
        for session, status in zip(booking.sessions, states, strict=False)
    )
    return replace(booking, sessions=(*changed, *booking.sessions[len(states) :]))


def _moved(slot: Slot, hours: int) -> Slot:
    starts = slot.starts_at + timedelta(hours=hours)
    return replace(
        slot,
        id=new_id(),
        starts_at=starts,
        ends_at=slot.ends_at + timedelta(hours=hours),
        local_date=slot.local_date + timedelta(days=hours // 24),
        timeslot=f"{17 + hours % 24}:00",
    )
