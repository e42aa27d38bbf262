"""The conformance suites of changing bookings: several at once, moved, made up, in line."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.new_times import at_new_time
from muster.domain.sessions import Session, SessionStatus
from muster.domain.zones import Zone
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_franchise,
    a_purchase,
    a_zone,
    new_id,
    sessions_for,
    zone_of_booking,
)
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["BookingChangeSuite", "LineSuite"]

_DAY = timedelta(days=1)


class BookingChangeSuite(StoreSuite):
    """Holds a ``BookingRepository`` to what later changes of bookings need of it."""

    async def test_several_come_in_order_of_their_ids(self, store: StoreUnderTest) -> None:
        """Each once, however they were asked for; ids that nobody has are left out."""
        one, two, three, _ = await _taught(store, 4)
        asked = [three.id, new_id(), one.id, three.id, two.id]
        async with store.unit_of_work() as unit:
            assert await unit.bookings.several(asked) == (one, two, three)
            assert await unit.bookings.several([new_id()]) == ()
            assert await unit.bookings.several([]) == ()

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_several_are_locked(self, store: StoreUnderTest, committed: bool) -> None:
        """Who wants one of them waits until the unit ends, and then sees what it left."""
        one, two = await _taught(store, 2)
        after = _changed(two, SessionStatus.COMPLETED)

        async def get() -> Booking | None:
            async with store.unit_of_work() as unit:
                return await unit.bookings.get(two.id)

        async with Rival[Booking | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.several([one.id, two.id])
                rival.start(get())
                assert await rival.waits()
                await unit.bookings.replace(after)
                if committed:
                    await unit.commit()
            assert await rival.result() == (after if committed else two)

    async def test_several_wait_and_see_what_was_left(self, store: StoreUnderTest) -> None:
        """Who asks for several waits for whoever has one of them, and sees the change."""
        one, two = await _taught(store, 2)
        after = _changed(two, SessionStatus.COMPLETED)

        async def several() -> tuple[Booking, ...]:
            async with store.unit_of_work() as unit:
                return await unit.bookings.several([one.id, two.id])

        async with Rival[tuple[Booking, ...]]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.get(two.id)
                rival.start(several())
                assert await rival.waits()
                await unit.bookings.replace(after)
                await unit.commit()
            assert await rival.result() == (one, after)

    async def test_several_are_locked_in_order_of_their_ids(self, store: StoreUnderTest) -> None:
        """Who waits for the first of them has none of the others, in whatever order it asked."""
        one, two = await _taught(store, 2)

        async def several() -> int:
            async with store.unit_of_work() as unit:
                return len(await unit.bookings.several([two.id, one.id]))

        async with Rival[int]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.get(one.id)
                rival.start(several())
                assert await rival.waits()
                async with asyncio.timeout(10):
                    assert await unit.bookings.get(two.id) == two
            assert await rival.result() == 2

    async def test_opposite_orders_end(self, store: StoreUnderTest) -> None:
        """Many units that ask for the same bookings in any order all get them."""
        ids = [booking.id for booking in await _taught(store, 3)]

        async def change(turn: int) -> None:
            async with store.unit_of_work() as unit:
                found = await unit.bookings.several(ids[:: 1 if turn % 2 else -1])
                await unit.bookings.replace(
                    *(replace(one, version=one.version + 1) for one in found)
                )
                await unit.commit()

        async with asyncio.timeout(30):
            await asyncio.gather(*map(change, range(20)))
        for id_ in ids:
            stored = await store.booking_reader.get(id_)
            assert stored is not None
            assert stored.version == 21

    async def test_a_session_leads_to_its_booking(self, store: StoreUnderTest) -> None:
        """For writers and for pages; there is none of a session that nobody has."""
        _, booking, _ = await _taught(store, 3)
        for session in (booking.sessions[0], booking.sessions[-1]):
            assert await store.booking_reader.of_session(session.id) == booking
            async with store.unit_of_work() as unit:
                assert await unit.bookings.of_session(session.id) == booking
        assert await store.booking_reader.of_session(new_id()) is None
        assert await store.booking_reader.of_session(booking.id) is None
        async with store.unit_of_work() as unit:
            assert await unit.bookings.of_session(new_id()) is None

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_booking_by_its_session_is_locked(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Two units that come by two sessions of one booking go one after the other."""
        (booking,) = await _taught(store, 1)
        first, second = booking.sessions[0].id, booking.sessions[1].id
        after = _changed(booking, SessionStatus.COMPLETED)

        async def of_second() -> Booking | None:
            async with store.unit_of_work() as unit:
                return await unit.bookings.of_session(second)

        async with Rival[Booking | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.of_session(first)
                rival.start(of_second())
                assert await rival.waits()
                await unit.bookings.replace(after)
                if committed:
                    await unit.commit()
            assert await rival.result() == (after if committed else booking)

    async def test_several_are_replaced_at_once(self, store: StoreUnderTest) -> None:
        """Each with its own state, trainer, zone and sessions; others stay as they are."""
        franchise = a_franchise()
        there = a_zone(franchise_id=franchise.id, time_zone="America/Sao_Paulo")
        await store.keep(franchise, there)
        one, two, three, untouched = await _taught(store, 4)
        trainer = new_id()
        changed = (
            _changed(one, SessionStatus.STRANDED),
            replace(
                _changed(two, SessionStatus.SCHEDULED),
                trainer_id=trainer,
                trainer_name="Nārāyaṇī",
                zone=zone_of_booking(there),
                sessions=tuple(replace(lesson, trainer_id=trainer) for lesson in two.sessions),
            ),
            replace(
                _changed(three, SessionStatus.CANCELLED),
                status=BookingStatus.CANCELLED,
                zone=None,
                receipt_id=None,
            ),
        )
        async with store.unit_of_work() as unit:
            await unit.bookings.several([one.id, two.id, three.id])
            await unit.bookings.replace(*changed[::-1])
            assert await unit.bookings.several([one.id, two.id, three.id]) == changed
            assert await store.booking_reader.get(one.id) == one
            await unit.commit()
        for booking in (*changed, untouched):
            assert await store.booking_reader.get(booking.id) == booking

    async def test_replacing_nothing_changes_nothing(self, store: StoreUnderTest) -> None:
        """No booking is a fine number of bookings."""
        (booking,) = await _taught(store, 1)
        async with store.unit_of_work() as unit:
            await unit.bookings.replace()
            await unit.commit()
        assert await store.booking_reader.get(booking.id) == booking

    async def test_a_moved_session_is_stored(self, store: StoreUnderTest) -> None:
        """Every part of its new time, also where only the wall clock's story differs.

        On 28 March 2027 Berlin has no 02:30; 03:30 is the same instant, but was asked for.
        """
        zone = a_zone(time_zone="Europe/Berlin")
        booking = a_booking(zone, trainer_id=new_id())
        await store.keep(zone, booking)
        sunday = booking.purchase.start_date.replace(month=3, day=28)
        later, adjusted, plain = (
            at_new_time(booking.sessions[0].plan, day, clock)
            for day, clock in (
                (booking.purchase.start_date + 40 * _DAY, "08:15"),
                (sunday, "02:30"),
                (sunday, "03:30"),
            )
        )
        assert (adjusted.time_adjusted, plain.time_adjusted) == (True, False)
        assert adjusted.starts_at == plain.starts_at
        in_tokyo = replace(plain, time_zone="Asia/Tokyo", local_time="10:30")
        for plan in (later, adjusted, plain, in_tokyo):
            moved = replace(booking.sessions[0], plan=plan)
            booking = replace(
                booking, sessions=(moved, *booking.sessions[1:]), version=booking.version + 1
            )
            async with store.unit_of_work() as unit:
                await unit.bookings.get(booking.id)
                await unit.bookings.replace(booking)
                assert await unit.bookings.get(booking.id) == booking
                await unit.commit()
            assert await store.booking_reader.get(booking.id) == booking

    async def test_a_make_up_takes_the_number_of_the_session_it_replaces(
        self, store: StoreUnderTest
    ) -> None:
        """In one call, twice in turn, and each of them leads to the booking."""
        before, other = await _taught(store, 2)
        booking = before
        for turn in range(2):
            booking, made = _made_up(booking, 3)
            async with store.unit_of_work() as unit:
                await unit.bookings.several([booking.id, other.id])
                await unit.bookings.replace(other, booking)
                assert await unit.bookings.of_session(made.id) == booking
                assert await store.booking_reader.of_session(made.id) is None
                await unit.commit()
            assert await store.booking_reader.of_session(made.id) == booking
            assert len(booking.sessions) == len(before.sessions) + turn + 1
        assert await store.booking_reader.get(booking.id) == booking
        assert await store.booking_reader.get(other.id) == other

    async def test_what_was_bought_never_changes(self, store: StoreUnderTest) -> None:
        """A change keeps the request's fingerprint, by which a repeated one is known."""
        zone = a_zone()
        purchase = a_purchase(booking_reference="order-30")
        booking = a_booking(zone, purchase=purchase, trainer_id=new_id())
        await store.keep(zone, booking)
        await _replace(store, _changed(booking, SessionStatus.COMPLETED))
        found = await store.booking_reader.by_reference("order-30")
        assert found is not None
        assert found.fingerprint == store.FINGERPRINT
        assert found.booking.purchase == purchase

    async def test_a_booking_that_is_not_there_cannot_be_replaced(
        self, store: StoreUnderTest
    ) -> None:
        """The caller has gone astray; the unit is left."""
        (booking,) = await _taught(store, 1)
        missing = a_booking(None)
        after = _changed(booking, SessionStatus.VOIDED)
        async with store.unit_of_work() as unit:
            assert await unit.bookings.several([booking.id, missing.id]) == (booking,)
            with pytest.raises(LookupError):
                await unit.bookings.replace(after, missing)
        assert await store.booking_reader.get(booking.id) == booking
        assert await store.booking_reader.get(missing.id) is None


class LineSuite(StoreSuite):
    """Holds ``BookingReader.line`` and ``lines`` to their port."""

    async def test_first_come_is_first(self, store: StoreUnderTest) -> None:
        """By age, then by id; only of the zone and course asked for."""
        here, there = a_zone(), a_zone()
        course = new_id()
        late, early, twin = (_waiting(here, course, minutes) for minutes in (30, 10, 10))
        others = [_waiting(there, course, 1), _waiting(here, new_id(), 2), _waiting(None, course)]
        await store.keep(here, there, late, twin, early, *others)
        line = store.booking_reader.line
        assert await line(here.id, course) == (early.id, twin.id, late.id)
        assert await line(there.id, course) == (others[0].id,)
        assert await line(new_id(), course) == ()
        assert await line(here.id, new_id()) == ()

    async def test_only_who_is_waitlisted_stands_in_it(self, store: StoreUnderTest) -> None:
        """Neither who has a trainer, nor who is pending, nor who is out of it."""
        zone, course = a_zone(), new_id()
        bookings = [
            _waiting(zone, course, status=status, trainer_id=trainer)
            for status in BookingStatus
            for trainer in (None, new_id())
            if trainer or status is not BookingStatus.ASSIGNED
        ]
        await store.keep(zone, *bookings)
        waitlisted = [one.id for one in bookings if one.status is BookingStatus.WAITLISTED]
        assert await store.booking_reader.line(zone.id, course) == tuple(waitlisted)

    async def test_the_lines_are_where_anybody_waits(self, store: StoreUnderTest) -> None:
        """Each once, of one zone or of all; none where nobody waits or no zone serves."""
        here, there = sorted((a_zone(), a_zone()), key=lambda zone: zone.id)
        one, other = sorted((new_id(), new_id()))
        waiting = [_waiting(here, course) for course in (other, one, one)]
        elsewhere = [_waiting(there, one), _waiting(None, one)]
        pending = _waiting(there, other, status=BookingStatus.PENDING)
        await store.keep(here, there, *waiting, *elsewhere, pending)
        lines = store.booking_reader.lines
        assert await lines() == ((here.id, one), (here.id, other), (there.id, one))
        assert await lines(there.id) == ((there.id, one),)
        assert await lines(new_id()) == ()

    async def test_a_change_takes_it_out_or_to_another_line(self, store: StoreUnderTest) -> None:
        """From the commit on: a promoted one is gone, one of another zone waits there."""
        here, there, course = a_zone(), a_zone(), new_id()
        promoted, moving, staying = (_waiting(here, course, minutes) for minutes in range(3))
        await store.keep(here, there, promoted, moving, staying)
        line = store.booking_reader.line
        async with store.unit_of_work() as unit:
            await unit.bookings.several([promoted.id, moving.id])
            await unit.bookings.replace(
                replace(promoted, status=BookingStatus.ASSIGNED, trainer_id=new_id(), version=2),
                replace(moving, zone=zone_of_booking(there), version=2),
            )
            assert await line(here.id, course) == (promoted.id, moving.id, staying.id)
            await unit.commit()
        assert await line(here.id, course) == (staying.id,)
        assert await line(there.id, course) == (moving.id,)


async def _taught(store: StoreUnderTest, number: int) -> tuple[Booking, ...]:
    zone = a_zone()
    bookings = tuple(a_booking(zone, trainer_id=new_id()) for _ in range(number))
    await store.keep(zone, *bookings[::-1])
    return bookings


async def _replace(store: StoreUnderTest, booking: Booking) -> None:
    async with store.unit_of_work() as unit:
        await unit.bookings.get(booking.id)
        await unit.bookings.replace(booking)
        await unit.commit()


def _changed(booking: Booking, status: SessionStatus) -> Booking:
    return replace(
        booking,
        receipt_id=new_id(),
        sessions=tuple(replace(session, status=status) for session in booking.sessions),
        version=booking.version + 1,
        updated_at=AN_INSTANT + timedelta(minutes=booking.version),
    )


def _made_up(booking: Booking, number: int) -> tuple[Booking, Session]:
    """Return a booking whose session of a number is replaced by a new one, and that one."""
    over = next(
        one
        for one in booking.sessions
        if one.plan.number == number and one.status is not SessionStatus.REPLACED
    )
    plan = at_new_time(over.plan, over.plan.local_date + 30 * _DAY, "06:45")
    made = Session(new_id(), plan, SessionStatus.SCHEDULED, over.trainer_id)
    left = [
        replace(one, status=SessionStatus.REPLACED) if one.id == over.id else one
        for one in booking.sessions
    ]
    sessions = sorted([*left, made], key=lambda one: (one.plan.number, one.id.int))
    return replace(booking, sessions=tuple(sessions), version=booking.version + 1), made


def _waiting(
    zone: Zone | None,
    course_id: UUID,
    minutes: int = 0,
    trainer_id: UUID | None = None,
    **changes: Any,
) -> Booking:
    purchase = a_purchase(course_id=course_id)
    made = AN_INSTANT + timedelta(minutes=minutes)
    fields = {"created_at": made, "sessions": sessions_for(purchase, "Asia/Kolkata"), **changes}
    return a_booking(zone, purchase=purchase, trainer_id=trainer_id, **fields)
