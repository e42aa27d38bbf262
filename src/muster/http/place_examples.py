"""Examples of what a place offers and lacks: free starts, and demand that no zone serves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from muster.domain.free_starts import NoStartReason
from muster.http.shapes.availability import AvailabilityShape, DayShape, StartShape
from muster.http.shapes.common import Listing, PageShape
from muster.http.shapes.demand import CellShape, CourseDemandShape, DemandShape, DemandZoneShape
from muster.http.shapes.receipts import DirectoryShape
from muster.http.shapes.zones import ZoneShape

__all__ = ["place_examples"]

_STARTS_AT = datetime(2026, 12, 1, 3, 30, tzinfo=UTC)
_HALF_AN_HOUR = timedelta(minutes=30)


def place_examples(
    zone: ZoneShape, course_id: UUID, directory: DirectoryShape, page: PageShape
) -> dict[str, tuple[Struct, None]]:
    """Return the examples by operation id; none of them takes a body.

    Args:
        zone: Whose starts are shown, and the nearest to the demand.
        course_id: What would be taught.
        directory: How old the trainer data is.
        page: Of the list.
    """
    availability = AvailabilityShape(
        zone_id=zone.id,
        course_id=course_id,
        time_zone=zone.time_zone,
        from_=date(2026, 12, 1),
        to=date(2026, 12, 2),
        step_minutes=30,
        directory=directory,
        days=[
            DayShape(
                date(2026, 12, 1),
                [
                    StartShape("09:00", _STARTS_AT, 3),
                    StartShape("09:30", _STARTS_AT + _HALF_AN_HOUR, 1),
                ],
            ),
            DayShape(date(2026, 12, 2), [], NoStartReason.ON_LEAVE),
        ],
    )
    demand = DemandShape(
        nearest_zone=DemandZoneShape(zone.id, zone.name, 14250.3, 17804.9),
        cell=CellShape(16.6, 80.7, 16.7, 80.8),
        bookings=12,
        students=14,
        courses=[CourseDemandShape(course_id, 12)],
        first_created_at=zone.created_at - timedelta(days=30),
        last_created_at=zone.created_at,
    )
    return {
        "getAvailability": (availability, None),
        "listServiceDemand": (Listing([demand], page), None),
    }
