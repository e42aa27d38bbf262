"""Unserved demand as clients see it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster.domain.demand import Demand, GridSize

__all__ = ["CellShape", "CourseDemandShape", "DemandShape", "DemandZoneShape", "demand_shape"]


class CellShape(Struct, frozen=True):
    """A cell of the grid in degrees; its north and east are the next cell's."""

    south: float
    west: float
    north: float
    east: float


class DemandZoneShape(Struct, frozen=True, rename="camel"):
    """The nearest zone when the bookings were made; metres from the places to its centre."""

    id: UUID
    name: str
    least_distance_metres: float
    mean_distance_metres: float


class CourseDemandShape(Struct, frozen=True, rename="camel"):
    """How many bookings wanted a course."""

    course_id: UUID
    bookings: int


class DemandShape(Struct, frozen=True, rename="camel"):
    """Bookings in one cell that no zone serves and whose nearest zone was the same."""

    nearest_zone: DemandZoneShape | None
    cell: CellShape
    bookings: int
    students: int
    courses: list[CourseDemandShape]
    first_created_at: datetime
    last_created_at: datetime


def demand_shape(demand: Demand, size: GridSize) -> DemandShape:
    """Show a group."""
    bounds = demand.cell.bounds(size)
    return DemandShape(
        nearest_zone=_zone(demand),
        cell=CellShape(bounds.south, bounds.west, bounds.north, bounds.east),
        bookings=demand.bookings,
        students=demand.students,
        courses=[CourseDemandShape(one.course_id, one.bookings) for one in demand.courses],
        first_created_at=demand.first_at,
        last_created_at=demand.last_at,
    )


def _zone(demand: Demand) -> DemandZoneShape | None:
    if demand.zone_id is None or demand.nearest_metres is None or demand.mean_metres is None:
        return None
    return DemandZoneShape(
        demand.zone_id, demand.zone_name or "", demand.nearest_metres, demand.mean_metres
    )
