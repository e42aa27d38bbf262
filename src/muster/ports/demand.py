"""The port for unserved demand, for pages."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.demand import Demand, GridSize
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.keys import PortKey
from muster.ports.paging import Page, PageRequest

__all__ = ["DEMAND_READER", "DemandFilter", "DemandOrder", "DemandPlace", "DemandReader"]

DemandPlace = tuple[int, int, int]
"""A group's place in the list but for its zone: bookings, row and column of the cell."""


class DemandOrder(Enum):
    """By what a list of unserved demand is sorted; then by row, column and zone."""

    BOOKINGS = "bookings"


class DemandFilter(Struct, frozen=True):
    """Which unserved bookings are grouped, and how finely; ``None`` means any.

    Attributes:
        size: Of the cells.
        made_from: Made at this UTC instant or later.
        made_to: Made at this UTC instant or earlier.
        course_id: For this course.
        zone_id: Whose nearest zone was this.
    """

    size: GridSize = GridSize.TENTH
    made_from: datetime | None = None
    made_to: datetime | None = None
    course_id: UUID | None = None
    zone_id: UUID | None = None


class DemandReader(Protocol):
    """Unserved demand for pages; may be as old as its wrappers allow."""

    @abstractmethod
    async def page(
        self,
        wanted: DemandFilter,
        request: PageRequest[DemandOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Demand]:
        """Return a page of groups of ``SERVICE_NOT_AVAILABLE`` bookings. A query.

        A position's value is a ``DemandPlace``; its id is the zone's, or zero without one.
        While bookings come in, a group may move past a page that was read before.
        """


DEMAND_READER = PortKey("demand_reader", DemandReader, wrappable=True)
"""Groups unserved bookings."""
