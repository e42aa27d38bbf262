"""Routes for zones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from muster.application.preview_zone import PreviewZoneChange
from muster.application.waitlist import promote_line
from muster.application.zone_availability import FindFreeStarts
from muster.application.zones import ArchiveZone, GetZone, ListZones, LookUpZone
from muster.domain.geography import Point
from muster.domain.zones import Operator, ZoneStatus
from muster.http.edge import HttpRequest, ask, edge_of
from muster.http.shapes.availability import AvailabilityShape, availability_shape
from muster.http.shapes.commands import LineToPromote
from muster.http.shapes.common import Listing
from muster.http.shapes.fields import Degrees90, Degrees180, IdText, Limit, Name, TimeZoneName
from muster.http.shapes.zone_previews import (
    ArchiveRequest,
    PromotedShape,
    ZonePreviewShape,
    promoted_shape,
    zone_preview_shape,
)
from muster.http.shapes.zones import (
    LookupShape,
    NewZone,
    ZonePatch,
    ZoneShape,
    lookup_shape,
    zone_shape,
)
from muster.plugin_api.callers import caller_of
from muster.plugin_api.pages import Sorting, page_request, paged
from muster.ports.zones import ZoneFilter, ZoneOrder

__all__ = ["Zones"]

_SORTING = Sorting(ZoneOrder, {ZoneOrder.NAME: str, ZoneOrder.CREATED_AT: datetime})
ZoneSort = Literal["name", "-name", "createdAt", "-createdAt"]
StepMinutes = Literal["10", "15", "20", "30", "60"]


class Zones(Controller):
    """Circles on the earth, each served by one operator."""

    path = "/v1/zones"
    tags = ("Zones",)

    @post(operation_id="createZone", summary="Open a zone")
    async def create(self, request: HttpRequest, data: JSONBody[NewZone]) -> ZoneShape:
        """Open a zone."""
        return zone_shape(await ask(request, data.command()))

    @get(operation_id="listZones", summary="List zones")
    async def list(
        self,
        request: HttpRequest,
        operator: FromQuery[Operator | None] = None,
        franchise_id: Annotated[IdText | None, QueryParameter(name="franchiseId")] = None,
        status: FromQuery[ZoneStatus | None] = None,
        time_zone: Annotated[TimeZoneName | None, QueryParameter(name="timeZone")] = None,
        name: FromQuery[Name | None] = None,
        sort: FromQuery[ZoneSort] = "createdAt",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[ZoneShape]:
        """List zones, page by page; ``name`` finds those whose name begins so."""
        wanted = ZoneFilter(
            operator=operator,
            franchise_id=UUID(franchise_id) if franchise_id else None,
            status=status,
            time_zone=time_zone,
            name=name,
        )
        page = page_request(request, _SORTING, sort, cursor, limit)
        return paged(request, await ask(request, ListZones(wanted, page)), sort, limit, zone_shape)

    @get("/lookup", operation_id="lookUpZone", summary="Which zone serves a place?")
    async def lookup(
        self, request: HttpRequest, latitude: FromQuery[Degrees90], longitude: FromQuery[Degrees180]
    ) -> LookupShape:
        """Return the zone that serves a place, the rule that decided, and every other one."""
        return lookup_shape(await ask(request, LookUpZone(Point(latitude, longitude))))

    @get(
        "/{zone_id:str}/availability",
        operation_id="getAvailability",
        summary="When could a session begin?",
    )
    async def availability(
        self,
        request: HttpRequest,
        zone_id: FromPath[IdText],
        course_id: Annotated[IdText, QueryParameter(name="courseId")],
        from_day: Annotated[date, QueryParameter(name="from", description="First local date.")],
        to_day: Annotated[
            date, QueryParameter(name="to", description="Last local date, included.")
        ],
        step: Annotated[
            StepMinutes,
            QueryParameter(name="stepMinutes", description="From one start to the next."),
        ] = "30",
    ) -> AvailabilityShape:
        """Return the free starts of each day, how many trainers could take each, or why none."""
        query = FindFreeStarts(UUID(zone_id), UUID(course_id), from_day, to_day, int(step))
        return availability_shape(query, await ask(request, query))

    @get("/{zone_id:str}", operation_id="getZone", summary="Show a zone")
    async def show(self, request: HttpRequest, zone_id: FromPath[IdText]) -> ZoneShape:
        """Show a zone."""
        return zone_shape(await ask(request, GetZone(UUID(zone_id))))

    @patch("/{zone_id:str}", operation_id="editZone", summary="Edit a zone")
    async def edit(
        self, request: HttpRequest, zone_id: FromPath[IdText], data: JSONBody[ZonePatch]
    ) -> ZoneShape:
        """Edit a zone that its editor has seen as it is."""
        return zone_shape(await ask(request, data.command(UUID(zone_id))))

    @post(
        "/{zone_id:str}/archive",
        operation_id="archiveZone",
        summary="Close a zone to new bookings",
        status_code=200,
    )
    async def archive(
        self,
        request: HttpRequest,
        zone_id: FromPath[IdText],
        data: JSONBody[ArchiveRequest | None] = None,
    ) -> ZoneShape:
        """Close a zone to new bookings; a second time changes nothing.

        Where assigned bookings are still to be taught, ``keepBookings`` must say that they
        go on with their trainers and times.
        """
        keep = data is not None and data.keep_bookings
        return zone_shape(await ask(request, ArchiveZone(UUID(zone_id), keep)))

    @post(
        "/{zone_id:str}/archive/preview",
        operation_id="previewArchiveZone",
        summary="Tell what archiving would leave behind",
        status_code=200,
    )
    async def preview_archive(
        self,
        request: HttpRequest,
        zone_id: FromPath[IdText],
        data: JSONBody[ArchiveRequest | None] = None,
    ) -> ZonePreviewShape:
        """Tell which future bookings no zone, or another one, would serve; nothing is written."""
        return zone_preview_shape(await ask(request, PreviewZoneChange(UUID(zone_id), None)))

    @post(
        "/{zone_id:str}/preview",
        operation_id="previewEditZone",
        summary="Tell what an edit would leave behind",
        status_code=200,
    )
    async def preview_edit(
        self, request: HttpRequest, zone_id: FromPath[IdText], data: JSONBody[ZonePatch]
    ) -> ZonePreviewShape:
        """Tell which future bookings would no longer fit the zone; nothing is written."""
        id_ = UUID(zone_id)
        return zone_preview_shape(
            await ask(request, PreviewZoneChange(id_, data.command(id_).changes))
        )

    @post(
        "/{zone_id:str}/waitlist/promote",
        operation_id="promoteWaitlist",
        summary="Try everybody in a line again",
        status_code=200,
    )
    async def promote(
        self, request: HttpRequest, zone_id: FromPath[IdText], data: JSONBody[LineToPromote]
    ) -> PromotedShape:
        """Try who waits for a course in the zone again, first come first."""
        line = await promote_line(
            edge_of(request).dispatcher,
            caller_of(request),
            UUID(zone_id),
            UUID(data.course_id),
        )
        return promoted_shape(line)
