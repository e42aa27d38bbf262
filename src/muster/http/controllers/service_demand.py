"""Routes for unserved demand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromQuery, QueryParameter

from muster.application.service_demand import ListDemand
from muster.domain.demand import GridSize
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.common import Listing
from muster.http.shapes.demand import DemandShape, demand_shape
from muster.http.shapes.fields import IdText, Limit
from muster.plugin_api.pages import Sorting, page_request, paged
from muster.ports.demand import DemandFilter, DemandOrder, DemandPlace

__all__ = ["ServiceDemand"]

_SORTING = Sorting(DemandOrder, {DemandOrder.BOOKINGS: DemandPlace})


class ServiceDemand(Controller):
    """Where people wanted lessons and no zone covered them."""

    path = "/v1/service-demand"
    tags = ("Zones",)

    @get(operation_id="listServiceDemand", summary="Where is demand that no zone serves?")
    async def list(
        self,
        request: HttpRequest,
        from_day: Annotated[
            date | None, QueryParameter(name="from", description="Made on this date or later, UTC.")
        ] = None,
        to_day: Annotated[
            date | None, QueryParameter(name="to", description="Made on this date or earlier, UTC.")
        ] = None,
        course_id: Annotated[IdText | None, QueryParameter(name="courseId")] = None,
        zone_id: Annotated[
            IdText | None,
            QueryParameter(name="nearestZoneId", description="Whose nearest zone was this."),
        ] = None,
        size: Annotated[
            GridSize,
            QueryParameter(
                name="cellDegrees", description="How large the cells of the grid are, in degrees."
            ),
        ] = GridSize.TENTH,
        sort: FromQuery[Literal["bookings", "-bookings"]] = "-bookings",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[DemandShape]:
        """List unserved bookings by nearest zone and cell of a grid, the most wanted first."""
        wanted = DemandFilter(
            size=size,
            made_from=datetime.combine(from_day, time.min, UTC) if from_day else None,
            made_to=datetime.combine(to_day, time.max, UTC) if to_day else None,
            course_id=UUID(course_id) if course_id else None,
            zone_id=UUID(zone_id) if zone_id else None,
        )
        page = page_request(request, _SORTING, sort, cursor, limit)
        found = await ask(request, ListDemand(wanted, page))
        return paged(request, found, sort, limit, partial(demand_shape, size=size))
