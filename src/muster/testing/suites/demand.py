"""The conformance suite of unserved demand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus, NearestZone, Student
from muster.domain.demand import MOST_COURSES, CourseDemand, Demand, GridCell, GridSize
from muster.domain.geography import Point
from muster.domain.zones import Zone
from muster.ports.demand import DemandFilter, DemandOrder
from muster.ports.paging import PageRequest, Position
from muster.testing.examples import AN_INSTANT, a_booking, a_purchase, a_zone, new_id
from muster.testing.suites.pages import Walk, check_pages, walks
from muster.testing.suites.port_suite import AGAINST_A_PORT
from muster.testing.suites.store_under_test import StoreSuite, StoreUnderTest

__all__ = ["DemandReaderSuite"]

_HOUR = timedelta(hours=1)
_PLACE = Point(16.52, 80.63)
_ALL = DemandFilter()
_FIRST: PageRequest[DemandOrder] = PageRequest(DemandOrder.BOOKINGS, descending=True, limit=200)


def _unserved(
    zone: Zone | None,
    place: Point = _PLACE,
    metres: float = 40_000.0,
    hours: int = 0,
    course_id: UUID | None = None,
    students: Iterable[UUID] = (),
) -> Booking:
    """Return a booking that no zone serves, made some hours after the examples."""
    purchase = a_purchase(student_location=place)
    if course_id is not None:
        purchase = replace(purchase, course_id=course_id)
    if students:
        purchase = replace(purchase, students=tuple(Student(id_, "Asha Devi") for id_ in students))
    return a_booking(
        None,
        purchase=purchase,
        nearest_zone=zone and NearestZone(zone.id, "As it was", metres),
        created_at=AN_INSTANT + hours * _HOUR,
    )


async def _found(store: StoreUnderTest, wanted: DemandFilter = _ALL) -> list[Demand]:
    page = await store.demand_reader.page(wanted, _FIRST)
    assert page.next is None
    return list(page.rows)


def _position(demand: Demand, order: DemandOrder) -> Position:
    cell = demand.cell
    return Position((demand.bookings, cell.row, cell.column), demand.zone_id or UUID(int=0))


class DemandReaderSuite(StoreSuite):
    """Holds a ``DemandReader`` to its port."""

    async def test_a_group_tells_all_of_its_bookings(self, store: StoreUnderTest) -> None:
        """How many, for whom, for what, how far, and since when; under the zone's name today."""
        zone = a_zone(name="Today")
        course, other, twin = new_id(), new_id(), new_id()
        await store.keep(
            zone,
            _unserved(zone, _PLACE, 40_000.5, 3, course, [twin]),
            _unserved(zone, Point(16.599, 80.601), 30_000.25, 1, other, [twin, new_id()]),
            _unserved(zone, _PLACE, 35_000.0, 2, course, [new_id()]),
        )
        (demand,) = await _found(store)
        assert demand.mean_metres == pytest.approx((40_000.5 + 30_000.25 + 35_000.0) / 3)
        assert replace(demand, mean_metres=None) == Demand(
            zone_id=zone.id,
            zone_name="Today",
            cell=GridCell(165, 806),
            bookings=3,
            students=3,
            courses=(CourseDemand(course, 2), CourseDemand(other, 1)),
            nearest_metres=30_000.25,
            mean_metres=None,
            first_at=AN_INSTANT + _HOUR,
            last_at=AN_INSTANT + 3 * _HOUR,
        )

    async def test_only_unserved_bookings_count(self, store: StoreUnderTest) -> None:
        """Neither those that are served or waiting nor those that were given up."""
        zone = a_zone()
        given_up = replace(_unserved(zone), status=BookingStatus.CANCELLED)
        await store.keep(zone, a_booking(zone), a_booking(zone, trainer_id=new_id()), given_up)
        assert await _found(store) == []

    async def test_where_there_was_no_zone_there_is_no_distance(
        self, store: StoreUnderTest
    ) -> None:
        """Demand from before the first zone is a group of its own."""
        zone = a_zone()
        await store.keep(zone, _unserved(None), _unserved(zone))
        near, nowhere = sorted(await _found(store), key=lambda one: one.zone_id is None)
        assert (near.zone_id, near.bookings) == (zone.id, 1)
        assert (nowhere.zone_id, nowhere.zone_name, nowhere.bookings) == (None, None, 1)
        assert (nowhere.nearest_metres, nowhere.mean_metres) == (None, None)

    async def test_the_most_wanted_courses_are_named(self, store: StoreUnderTest) -> None:
        """At most so many, by bookings and then by id."""
        courses = sorted((new_id() for _ in range(MOST_COURSES + 2)), key=lambda id_: id_.int)
        wanted = [*courses, courses[-1]]
        await store.keep(*(_unserved(None, course_id=course) for course in wanted))
        (demand,) = await _found(store)
        assert demand.courses == (
            CourseDemand(courses[-1], 2),
            *(CourseDemand(course, 1) for course in courses[: MOST_COURSES - 1]),
        )

    async def test_filters_hold_together(self, store: StoreUnderTest) -> None:
        """Both ends of the time are included; course and nearest zone are exact."""
        zone, course = a_zone(), new_id()
        await store.keep(zone, *(_unserved(zone, hours=hours) for hours in range(4)))
        await store.keep(_unserved(None, hours=2, course_id=course))

        async def counted(**wanted: object) -> int:
            filtered = replace(_ALL, **wanted)
            return sum(demand.bookings for demand in await _found(store, filtered))

        assert await counted() == 5
        assert await counted(made_from=AN_INSTANT + _HOUR) == 4
        assert await counted(made_to=AN_INSTANT + _HOUR) == 2
        assert await counted(made_from=AN_INSTANT + _HOUR, made_to=AN_INSTANT + _HOUR) == 1
        assert await counted(course_id=course) == 1
        assert await counted(zone_id=zone.id) == 4
        assert await counted(zone_id=zone.id, course_id=course) == 0

    @pytest.mark.parametrize("size", list(GridSize), ids=lambda size: f"cells of {size.value}")
    async def test_every_place_on_earth_has_a_cell(
        self, store: StoreUnderTest, size: GridSize
    ) -> None:
        """Borders, poles and the antimeridian: the store counts as the domain does."""
        places = [
            Point(latitude, longitude)
            for latitude in (-90.0, -0.1, -1e-12, 0.0, 0.3, 0.35, 89.99, 90.0)
            for longitude in (-180.0, -179.95, -0.05, 0.0, 0.7, 1.1, 179.999, 180.0)
        ]
        await store.keep(*(_unserved(None, place) for place in places))
        found = await _found(store, DemandFilter(size))
        expected: dict[GridCell, int] = {}
        for place in places:
            cell = GridCell.of(place, size)
            expected[cell] = expected.get(cell, 0) + 1
        assert {demand.cell: demand.bookings for demand in found} == expected

    @AGAINST_A_PORT
    @given(walk=walks(DemandOrder))
    async def test_the_pages_make_up_the_list(
        self, store: StoreUnderTest, walk: Walk[DemandOrder]
    ) -> None:
        """By bookings, then by row, column and zone; either way, in pages of any size."""
        if not await _found(store):
            zones = [a_zone(), a_zone(), None]
            await store.keep(*(zone for zone in zones if zone))
            await store.keep(
                *(
                    _unserved(zone, Point(latitude, longitude))
                    for number, zone in enumerate(zones)
                    for latitude, longitude in ((0.05, 0.05), (0.05, -0.05), (-5.0, 9.0))
                    for _ in range(1 + (number + int(latitude)) % 2)
                )
            )
        expected = await _found(store)
        assert len(expected) == 9
        await check_pages(expected, store.demand_reader.page, _ALL, walk, _position)
