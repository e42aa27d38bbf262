"""Unserved demand: where people wanted lessons and no zone covered them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from math import floor
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import Point

__all__ = ["MOST_COURSES", "CellBounds", "CourseDemand", "Demand", "GridCell", "GridSize"]

MOST_COURSES = 5
"""How many courses of a group are named, the most wanted first."""


class GridSize(Enum):
    """How large the cells of the grid are, in degrees of latitude and longitude.

    A tenth of a degree is 11.1 km from south to north; from west to east it is as much on
    the equator, half of it at 60 degrees, and nothing at a pole.
    """

    TWENTIETH = "0.05"
    TENTH = "0.1"
    HALF = "0.5"
    WHOLE = "1"

    @property
    def cells_a_degree(self) -> int:
        """How many cells make a degree.

        Whole numbers, so that a border is exact: a place on one belongs to the cell that is
        north or east of it.
        """
        return _CELLS_A_DEGREE[self]


_CELLS_A_DEGREE = {GridSize.TWENTIETH: 20, GridSize.TENTH: 10, GridSize.HALF: 2, GridSize.WHOLE: 1}


class CellBounds(Struct, frozen=True):
    """A cell in degrees; its north and east are the next cell's."""

    south: float
    west: float
    north: float
    east: float


class GridCell(Struct, frozen=True):
    """A cell of the grid.

    Attributes:
        row: Counted from the equator, north positive.
        column: Counted from Greenwich, east positive.
    """

    row: int
    column: int

    @staticmethod
    def of(point: Point, size: GridSize) -> GridCell:
        """Return the cell of a place.

        The North Pole belongs to the northernmost row. The antimeridian is the west of the
        westernmost column, whichever of its two longitudes is given.
        """
        each = size.cells_a_degree
        row = min(floor(point.latitude * each), 90 * each - 1)
        column = floor(point.longitude * each)
        return GridCell(row, -180 * each if column == 180 * each else column)

    def bounds(self, size: GridSize) -> CellBounds:
        """Return where it lies."""
        each = size.cells_a_degree
        return CellBounds(
            south=self.row / each,
            west=self.column / each,
            north=(self.row + 1) / each,
            east=(self.column + 1) / each,
        )


class CourseDemand(Struct, frozen=True):
    """How many bookings wanted a course."""

    course_id: UUID
    bookings: int


class Demand(Struct, frozen=True):
    """The unserved bookings of one cell whose nearest zone was the same.

    Attributes:
        zone_id: The zone that was nearest when they were made; ``None`` where there was none.
        zone_name: Its name today.
        cell: Of the grid.
        bookings: How many.
        students: How many different ones they were for.
        courses: The most wanted, at most ``MOST_COURSES``: by bookings, then by id.
        nearest_metres: From the zone's centre to the nearest place; ``None`` without a zone.
        mean_metres: The mean of these distances; ``None`` without a zone.
        first_at: UTC instant at which the oldest was made.
        last_at: UTC instant at which the newest was made.
    """

    zone_id: UUID | None
    zone_name: str | None
    cell: GridCell
    bookings: int
    students: int
    courses: tuple[CourseDemand, ...]
    nearest_metres: float | None
    mean_metres: float | None
    first_at: datetime
    last_at: datetime
