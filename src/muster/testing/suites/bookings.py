"""The conformance suite of the repository of bookings."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import cycle

import pytest
from msgspec.structs import replace

from muster.domain.bookings import (
    Booking,
    BookingStatus,
    ClassType,
    DeliveryMode,
    NearestZone,
    Student,
)
from muster.domain.geography import Point
from muster.domain.sessions import SessionStatus
from muster.domain.zones import Zone
from muster.ports.bookings import ReferenceConflict, ReferencedBooking
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_franchise,
    a_purchase,
    a_zone,
    new_id,
)
from muster.testing.suites.rivals import Rival
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["BookingRepositorySuite"]

WAITING = (
    BookingStatus.WAITLISTED,
    BookingStatus.PENDING,
    BookingStatus.EXPIRED,
    BookingStatus.CANCELLED,
)
"""States in which a served booking may have no trainer."""

TAUGHT = (BookingStatus.ASSIGNED, BookingStatus.COMPLETED, BookingStatus.CANCELLED)
"""States in which a booking may have a trainer."""

_PRINT = bytes(reversed(range(32)))


class BookingRepositorySuite(StoreSuite):
    """Holds a ``BookingRepository`` to its port."""

    async def test_what_was_added_is_got(self, store: StoreUnderTest) -> None:
        """Every field of every kind of booking comes back as it was."""
        franchise = a_franchise()
        zones = [
            a_zone(name="Süd – “Straße”", franchise_id=franchise.id),
            a_zone(time_zone="Europe/Berlin"),
        ]
        bookings = _of_every_kind(zones)
        await store.keep(franchise, *zones, *bookings)
        for booking in bookings:
            async with store.unit_of_work() as unit:
                assert await unit.bookings.get(booking.id) == booking

    async def test_there_is_no_unknown_booking(self, store: StoreUnderTest) -> None:
        """``get`` and ``by_reference`` return ``None`` for what is not there."""
        async with store.unit_of_work() as unit:
            assert await unit.bookings.get(new_id()) is None
            assert await unit.bookings.by_reference("never used") is None

    async def test_a_changed_booking_is_stored(self, store: StoreUnderTest) -> None:
        """``replace`` stores the booking's state and its sessions' states and trainers."""
        zone, booking = _waiting()
        await store.keep(zone, booking)
        assigned = _assigned(booking)
        async with store.unit_of_work() as unit:
            assert await unit.bookings.get(booking.id) == booking
            await unit.bookings.replace(assigned)
            assert await unit.bookings.get(booking.id) == assigned
            await unit.commit()
        assert await store.booking_reader.get(booking.id) == assigned
        again = replace(
            assigned,
            status=BookingStatus.CANCELLED,
            sessions=tuple(
                replace(session, status=status, trainer_id=new_id())
                for session, status in zip(assigned.sessions, cycle(SessionStatus), strict=False)
            ),
            version=3,
        )
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.bookings.replace(again)
            await unit.commit()
        assert await store.booking_reader.get(booking.id) == again

    async def test_a_change_leaves_other_bookings_alone(self, store: StoreUnderTest) -> None:
        """``replace`` touches the sessions of one booking."""
        zone, booking = _waiting()
        other = a_booking(zone, purchase=booking.purchase)
        await store.keep(zone, booking, other)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.bookings.replace(_assigned(booking))
            await unit.commit()
        assert await store.booking_reader.get(other.id) == other

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_a_booking_that_was_got_is_locked(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Another writer waits in ``get`` until the unit ends, and then sees what it left."""
        zone, booking = _waiting()
        assigned = _assigned(booking)
        await store.keep(zone, booking)

        async def get() -> Booking | None:
            async with store.unit_of_work() as unit:
                return await unit.bookings.get(booking.id)

        async with Rival[Booking | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.get(booking.id)
                rival.start(get())
                assert await rival.waits()
                assert await store.booking_reader.get(booking.id) == booking
                await unit.bookings.replace(assigned)
                assert await rival.waits()
                if committed:
                    await unit.commit()
            assert await rival.result() == (assigned if committed else booking)

    async def test_a_reference_stands_for_its_booking(self, store: StoreUnderTest) -> None:
        """``by_reference`` returns the booking as it is now, and the request's fingerprint."""
        zone, booking = _waiting("order-17/ä")
        async with store.unit_of_work() as unit:
            assert await unit.bookings.by_reference("order-17/ä") is None
            await unit.zones.add(zone)
            await unit.bookings.add(booking, _PRINT)
            found = await unit.bookings.by_reference("order-17/ä")
            assert found == ReferencedBooking(booking, _PRINT)
            await unit.commit()
        assigned = _assigned(booking)
        async with store.unit_of_work() as unit:
            await unit.bookings.get(booking.id)
            await unit.bookings.replace(assigned)
            await unit.commit()
        async with store.unit_of_work() as unit:
            found = await unit.bookings.by_reference("order-17/ä")
            assert found == ReferencedBooking(assigned, _PRINT)
            assert await unit.bookings.by_reference("order-17") is None

    async def test_a_reference_is_used_once(self, store: StoreUnderTest) -> None:
        """``add`` refuses a reference in use; any number of bookings have none."""
        zone, booking = _waiting("order-18")
        bare = [a_booking(zone), a_booking(zone)]
        again = a_booking(zone, purchase=a_purchase(booking_reference="order-18"))
        await store.keep(zone, booking, *bare)
        with pytest.raises(ReferenceConflict):
            await store.keep(again)
        assert await store.booking_reader.get(again.id) is None
        assert await store.booking_reader.by_reference("order-18") == ReferencedBooking(
            booking, store.FINGERPRINT
        )

    @pytest.mark.parametrize("committed", [True, False], ids=["committed", "undone"])
    async def test_who_asks_for_a_reference_goes_first(
        self, store: StoreUnderTest, committed: bool
    ) -> None:
        """Another unit waits in ``by_reference`` until the first ends, and sees its booking."""
        zone, booking = _waiting("order-19")
        await store.keep(zone)

        async def look() -> ReferencedBooking | None:
            async with store.unit_of_work() as unit:
                return await unit.bookings.by_reference("order-19")

        async with Rival[ReferencedBooking | None]() as rival:
            async with store.unit_of_work() as unit:
                assert await unit.bookings.by_reference("order-19") is None
                rival.start(look())
                assert await rival.waits()
                await unit.bookings.add(booking, _PRINT)
                assert await rival.waits()
                if committed:
                    await unit.commit()
            found = ReferencedBooking(booking, _PRINT)
            assert await rival.result() == (found if committed else None)

    async def test_who_asks_for_a_used_reference_goes_first_too(
        self, store: StoreUnderTest
    ) -> None:
        """It waits also where the booking is there already."""
        zone, booking = _waiting("order-20")
        await store.keep(zone, booking)

        async def look() -> ReferencedBooking | None:
            async with store.unit_of_work() as unit:
                return await unit.bookings.by_reference("order-20")

        async with Rival[ReferencedBooking | None]() as rival:
            async with store.unit_of_work() as unit:
                await unit.bookings.by_reference("order-20")
                rival.start(look())
                assert await rival.waits()
            found = await rival.result()
        assert found == ReferencedBooking(booking, store.FINGERPRINT)

    async def test_other_references_do_not_wait(self, store: StoreUnderTest) -> None:
        """A reference is asked for by one unit at a time; others are not held up."""
        async with store.unit_of_work() as one, store.unit_of_work() as other:
            async with asyncio.timeout(10):
                await one.bookings.by_reference("order-21")
                assert await other.bookings.by_reference("order-22") is None

    async def test_of_many_units_at_once_one_books(self, store: StoreUnderTest) -> None:
        """Asking before adding, one unit adds the booking and the others find it."""
        zone = a_zone()
        await store.keep(zone)

        async def book() -> Booking:
            purchase = a_purchase(booking_reference="order-23")
            async with store.unit_of_work() as unit:
                found = await unit.bookings.by_reference("order-23")
                if found is not None:
                    return found.booking
                booking = a_booking(zone, purchase=purchase)
                await unit.bookings.add(booking, _PRINT)
                await unit.commit()
            return booking

        async with asyncio.timeout(30):
            booked = await asyncio.gather(*(book() for _ in range(8)))
        assert len({booking.id for booking in booked}) == 1


def _waiting(reference: str | None = None) -> tuple[Zone, Booking]:
    zone = a_zone()
    purchase = a_purchase(booking_reference=reference)
    return zone, a_booking(zone, purchase=purchase)


def _assigned(booking: Booking) -> Booking:
    trainer = new_id()
    return replace(
        booking,
        status=BookingStatus.ASSIGNED,
        trainer_id=trainer,
        trainer_name="Nārāyaṇī",
        sessions=tuple(
            replace(session, status=SessionStatus.SCHEDULED, trainer_id=trainer)
            for session in booking.sessions
        ),
        version=2,
        updated_at=AN_INSTANT + timedelta(minutes=1),
    )


def _of_every_kind(zones: list[Zone]) -> list[Booking]:
    franchised, berlin = zones
    through_a_clock_change = a_purchase(
        start_date=date(2027, 3, 26), preferred_time_slot="02:30", total_sessions=20
    )
    on_sundays = a_purchase(
        delivery_mode=DeliveryMode.SUNDAY_ONLY,
        class_type=ClassType.ONE_ON_TWO,
        students=(Student(new_id(), "Zoë", "zoë@example.org", "+91 98"), Student(new_id(), "A")),
    )
    hybrid = a_purchase(
        class_type=ClassType.HYBRID,
        total_sessions=30,
        booking_reference="a reference / 1",
        preferred_trainer_id=new_id(),
        excluded_trainer_ids=tuple(sorted((new_id(), new_id()))),
        ranking_policy="nearest",
        student_location=Point(0.1 + 0.2, -179.99999999999997),
        students=(Student(new_id(), "Ω"), Student(new_id(), "漢"), Student(new_id(), "a b")),
    )
    nearest = NearestZone(franchised.id, franchised.name, 123456.78901234567)
    return [
        a_booking(franchised),
        a_booking(berlin, purchase=through_a_clock_change, trainer_id=new_id()),
        a_booking(franchised, purchase=on_sundays, trainer_id=new_id(), version=4),
        a_booking(berlin, purchase=hybrid, updated_at=AN_INSTANT + timedelta(days=1)),
        a_booking(None, nearest_zone=nearest),
        a_booking(None),
        *(a_booking(berlin, status=status) for status in WAITING),
        *(a_booking(berlin, trainer_id=new_id(), status=status) for status in TAUGHT),
    ]
