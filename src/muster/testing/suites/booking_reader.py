"""The conformance suites of the reader of bookings, and of receipts."""

from __future__ import annotations

import datetime
from datetime import timedelta
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.receipts import ReceiptKind
from muster.ports.bookings import BookingFilter, BookingOrder, ReferencedBooking
from muster.ports.paging import Position
from muster.testing.example_records import a_bare_receipt, a_full_receipt
from muster.testing.examples import (
    A_MONDAY,
    AN_INSTANT,
    a_booking,
    a_franchise,
    a_purchase,
    a_zone,
    new_id,
)
from muster.testing.suites.bookings import TAUGHT, WAITING
from muster.testing.suites.pages import Walk, check_pages, walks
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["BookingReaderSuite", "ReceiptSuite"]


_NOT_IN_LINE = tuple(one for one in WAITING if one is not BookingStatus.WAITLISTED)


class _Listed(Struct, frozen=True):
    """What is stored, and the values by which a filter may ask for it."""

    bookings: tuple[Booking, ...]
    zones: tuple[UUID, ...]
    franchises: tuple[UUID, ...]
    trainers: tuple[UUID, ...]
    courses: tuple[UUID, ...]


class _Sought(Struct, frozen=True):
    """A filter in the making; a number picks one of the stored values, or an unknown one."""

    status: BookingStatus | None
    zone: int | None
    franchise: int | None
    trainer: int | None
    course: int | None
    date: datetime.date | None


_SOUGHT = st.builds(
    _Sought,
    status=st.none() | st.sampled_from(list(BookingStatus)),
    zone=st.none() | st.integers(0, 3),
    franchise=st.none() | st.integers(0, 1),
    trainer=st.none() | st.integers(0, 2),
    course=st.none() | st.integers(0, 2),
    date=st.none() | st.dates(A_MONDAY, A_MONDAY + timedelta(days=25)),
)


class BookingReaderSuite(StoreSuite):
    """Holds a ``BookingReader`` to its port, but for receipts."""

    async def test_a_booking_is_read_once_it_is_committed(self, store: StoreUnderTest) -> None:
        """``get`` and ``by_reference`` show it with its sessions, from the commit on."""
        zone = a_zone()
        booking = a_booking(zone, purchase=a_purchase(booking_reference="order-1"))
        await store.keep(zone)
        async with store.unit_of_work() as unit:
            await unit.bookings.add(booking, store.FINGERPRINT)
            assert await store.booking_reader.get(booking.id) is None
            assert await store.booking_reader.by_reference("order-1") is None
            await unit.commit()
        assert await store.booking_reader.get(booking.id) == booking
        assert await store.booking_reader.by_reference("order-1") == ReferencedBooking(
            booking, store.FINGERPRINT
        )

    async def test_there_is_no_unknown_booking(self, store: StoreUnderTest) -> None:
        """What is not there is ``None``."""
        assert await store.booking_reader.get(new_id()) is None
        assert await store.booking_reader.by_reference("never used") is None

    async def test_the_line_is_the_zones_and_courses_own(self, store: StoreUnderTest) -> None:
        """Places count from 1 in order of age, among those who wait for the same."""
        here, there = a_zone(), a_zone()
        course, other_course = new_id(), new_id()

        def waiting(zone: Any, course_id: UUID, minutes: int, **changes: Any) -> Booking:
            purchase = a_purchase(course_id=course_id)
            made = AN_INSTANT + timedelta(minutes=minutes)
            return a_booking(zone, purchase=purchase, created_at=made, **changes)

        third = waiting(here, course, 30)
        first = waiting(here, course, 10)
        second = waiting(here, course, 20)
        elsewhere = waiting(there, course, 1)
        otherwise = waiting(here, other_course, 2)
        others = [
            *(waiting(here, course, 3, status=one) for one in _NOT_IN_LINE),
            *(waiting(here, course, 4, status=one, trainer_id=new_id()) for one in TAUGHT),
        ]
        unserved = waiting(None, course, 0)
        line = [third, first, second, elsewhere, otherwise]
        await store.keep(here, there, *line, *others, unserved)
        position = store.booking_reader.waitlist_position
        assert [await position(booking) for booking in line] == [3, 1, 2, 1, 1]
        assert [await position(booking) for booking in (*others, unserved)] == [None] * (
            len(others) + 1
        )
        async with store.unit_of_work() as unit:
            await unit.bookings.get(first.id)
            await unit.bookings.replace(replace(first, status=BookingStatus.EXPIRED, version=2))
            await unit.commit()
        assert [await position(booking) for booking in (third, second)] == [2, 1]

    @pytest.fixture
    async def listed(self, store: StoreUnderTest) -> _Listed:
        """Bookings in every mixture of the fields that filters look at."""
        franchise = a_franchise()
        zones = (a_zone(), a_zone(franchise_id=franchise.id), a_zone(time_zone="Asia/Tokyo"))
        trainers, courses = (new_id(), new_id()), (new_id(), new_id())
        ids = sorted((new_id() for _ in range(36)), key=lambda one: (one.int % 11, one.int))
        bookings = []
        for place, id_ in enumerate(ids):
            purchase = a_purchase(
                course_id=courses[place % 2],
                start_date=A_MONDAY + timedelta(days=place * 5 % 13),
            )
            zone = (*zones, None)[place % 4]
            trainer = (*trainers, None)[place % 3]
            fields: dict[str, Any] = {"created_at": AN_INSTANT + timedelta(seconds=place % 5)}
            if zone is not None:
                fitting = TAUGHT if trainer else WAITING
                fields["status"] = fitting[place % len(fitting)]
            booking = a_booking(
                zone,
                purchase=purchase,
                trainer_id=None if zone is None else trainer,
                id=id_,
                **fields,
            )
            bookings.append(booking)
        await store.keep(franchise, *zones, *bookings)
        return _Listed(
            tuple(bookings),
            tuple(zone.id for zone in zones),
            (franchise.id,),
            trainers,
            courses,
        )

    @AGAINST_A_PORT
    @given(walk=walks(BookingOrder), sought=_SOUGHT)
    async def test_pages_make_up_the_list(
        self, store: StoreUnderTest, listed: _Listed, walk: Walk[BookingOrder], sought: _Sought
    ) -> None:
        """Pages of any size give each wanted booking once, in order, with its sessions."""
        wanted = BookingFilter(
            status=sought.status,
            zone_id=_picked(listed.zones, sought.zone),
            franchise_id=_picked(listed.franchises, sought.franchise),
            trainer_id=_picked(listed.trainers, sought.trainer),
            course_id=_picked(listed.courses, sought.course),
            date=sought.date,
        )
        expected = [booking for booking in listed.bookings if _is_wanted(booking, wanted)]
        await check_pages(expected, store.booking_reader.page, wanted, walk, _position)


class ReceiptSuite(StoreSuite):
    """Holds a ``ReceiptRepository`` and the reader of receipts to their ports."""

    async def test_a_receipt_comes_back_exactly(self, store: StoreUnderTest) -> None:
        """All fields, floats to the last bit, nested details, the order of everything."""
        zone = a_zone()
        booking = a_booking(zone)
        full, bare = a_full_receipt(booking), a_bare_receipt(booking, version=2)
        await store.keep(zone, booking, full)
        assert await store.booking_reader.receipts(booking.id) == (full,)
        await store.keep(bare)
        assert await store.booking_reader.receipts(booking.id) == (full, bare)

    async def test_every_kind_and_outcome_comes_back(self, store: StoreUnderTest) -> None:
        """Whatever the change was, and whatever the booking became by it."""
        zone = a_zone()
        booking = a_booking(zone)
        outcomes = cycle(BookingStatus)
        receipts = tuple(
            a_full_receipt(booking, kind=kind, version=version, outcome=next(outcomes))
            for version, kind in enumerate(ReceiptKind, start=1)
        )
        assert len(receipts) > len(BookingStatus)
        await store.keep(zone, booking, *receipts)
        assert await store.booking_reader.receipts(booking.id) == receipts

    async def test_receipts_are_by_version_and_the_bookings_own(
        self, store: StoreUnderTest
    ) -> None:
        """In order of what they made, whatever the order of storing, and whatever the clock said.

        Two changes may come at one instant, and a clock may be set back.
        """
        zone = a_zone()
        booking, other = a_booking(zone), a_booking(zone)
        versions = (12, 2, 3, 10, 1, 9)
        receipts = [
            a_bare_receipt(
                booking, version=version, created_at=AN_INSTANT - timedelta(seconds=version // 2)
            )
            for version in versions
        ]
        foreign = a_bare_receipt(other)
        await store.keep(zone, booking, other, *receipts, foreign)
        in_order = tuple(sorted(receipts, key=lambda receipt: receipt.version))
        assert await store.booking_reader.receipts(booking.id) == in_order
        assert await store.booking_reader.receipts(other.id) == (foreign,)
        assert await store.booking_reader.receipts(new_id()) == ()

    async def test_a_version_has_one_receipt(self, store: StoreUnderTest) -> None:
        """A second receipt of one version is a fault, and nothing of its unit is stored."""
        zone = a_zone()
        booking, other = a_booking(zone), a_booking(zone)
        first = a_bare_receipt(booking, version=2)
        await store.keep(zone, booking, other, first, a_bare_receipt(other, version=2))
        franchise = a_franchise()
        with pytest.raises(Exception, match=r"version"):
            await store.keep(franchise, a_bare_receipt(booking, version=2))
        assert await store.booking_reader.receipts(booking.id) == (first,)
        async with store.unit_of_work() as unit:
            assert await unit.franchises.get(franchise.id) is None

    async def test_a_receipt_lasts_with_its_unit_alone(self, store: StoreUnderTest) -> None:
        """It is not there before the commit, nor after a rollback."""
        zone = a_zone()
        booking = a_booking(zone)
        await store.keep(zone, booking)
        async with store.unit_of_work() as unit:
            await unit.receipts.add(a_full_receipt(booking))
            assert await store.booking_reader.receipts(booking.id) == ()
        assert await store.booking_reader.receipts(booking.id) == ()


def _picked(values: tuple[UUID, ...], place: int | None) -> UUID | None:
    if place is None:
        return None
    return values[place] if place < len(values) else new_id()


def _is_wanted(booking: Booking, wanted: BookingFilter) -> bool:
    zone = booking.zone
    days: set[datetime.date] = {session.plan.local_date for session in booking.sessions}
    return (
        wanted.status in (None, booking.status)
        and (wanted.zone_id is None or (zone is not None and zone.id == wanted.zone_id))
        and (
            wanted.franchise_id is None
            or (zone is not None and zone.franchise_id == wanted.franchise_id)
        )
        and wanted.trainer_id in (None, booking.trainer_id)
        and wanted.course_id in (None, booking.purchase.course_id)
        and (wanted.date is None or wanted.date in days)
    )


def _position(booking: Booking, order: BookingOrder) -> Position:
    by_start = order is BookingOrder.START_DATE
    return Position(booking.purchase.start_date if by_start else booking.created_at, booking.id)
