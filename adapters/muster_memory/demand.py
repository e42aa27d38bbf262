"""Unserved demand in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean
from uuid import UUID

from muster.domain.bookings import Booking, BookingStatus
from muster.domain.demand import MOST_COURSES, CourseDemand, Demand, GridCell
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.demand import DemandFilter, DemandOrder, DemandReader
from muster.ports.paging import Page, PageRequest, Position
from muster_memory.paging import page_of
from muster_memory.store import MemoryStore

__all__ = ["MemoryDemandReader"]

_NOWHERE = UUID(int=0)


class MemoryDemandReader(DemandReader):
    """Groups committed bookings that no zone serves."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def page(
        self,
        wanted: DemandFilter,
        request: PageRequest[DemandOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Demand]:
        """Return a page of groups."""
        groups: dict[tuple[UUID | None, GridCell], list[Booking]] = defaultdict(list)
        for row in self._store.bookings.all():
            booking = row.booking
            if _is_wanted(booking, wanted) and self._is_near(booking, scope):
                cell = GridCell.of(booking.purchase.student_location, wanted.size)
                groups[_nearest_id(booking), cell].append(booking)
        demands = (self._demand(zone_id, cell, made) for (zone_id, cell), made in groups.items())
        return page_of(demands, request, _position)

    def _is_near(self, booking: Booking, scope: Scope) -> bool:
        nearest = _nearest_id(booking)
        zone = None if nearest is None else self._store.zones.get(nearest)
        return scope.holds_demand(zone)

    def _demand(self, zone_id: UUID | None, cell: GridCell, made: list[Booking]) -> Demand:
        zone = None if zone_id is None else self._store.zones.get(zone_id)
        metres = [one.nearest_zone.distance_metres for one in made if one.nearest_zone]
        return Demand(
            zone_id=zone_id,
            zone_name=None if zone is None else zone.name,
            cell=cell,
            bookings=len(made),
            students=len({student.id for one in made for student in one.purchase.students}),
            courses=_courses(made),
            nearest_metres=min(metres, default=None),
            mean_metres=fmean(metres) if metres else None,
            first_at=min(one.created_at for one in made),
            last_at=max(one.created_at for one in made),
        )


def _is_wanted(booking: Booking, wanted: DemandFilter) -> bool:
    return (
        booking.status is BookingStatus.SERVICE_NOT_AVAILABLE
        and (wanted.made_from is None or wanted.made_from <= booking.created_at)
        and (wanted.made_to is None or booking.created_at <= wanted.made_to)
        and wanted.course_id in (None, booking.purchase.course_id)
        and wanted.zone_id in (None, _nearest_id(booking))
    )


def _nearest_id(booking: Booking) -> UUID | None:
    return None if booking.nearest_zone is None else booking.nearest_zone.id


def _courses(made: list[Booking]) -> tuple[CourseDemand, ...]:
    counts = Counter(one.purchase.course_id for one in made)
    most = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0].int))
    return tuple(CourseDemand(id_, count) for id_, count in most[:MOST_COURSES])


def _position(demand: Demand) -> Position:
    cell = demand.cell
    return Position((demand.bookings, cell.row, cell.column), demand.zone_id or _NOWHERE)
