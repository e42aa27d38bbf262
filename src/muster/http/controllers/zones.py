"""Routes for zones."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from muster.application.zones import ArchiveZone, GetZone, ListZones, LookUpZone
from muster.domain.geography import Point
from muster.domain.zones import Operator, ZoneStatus
from muster.http.edge import HttpRequest, ask
from muster.http.pages import Sorting, page_request, paged
from muster.http.shapes.common import Listing, Nothing
from muster.http.shapes.fields import Degrees90, Degrees180, IdText, Limit, Name, TimeZoneName
from muster.http.shapes.zones import (
    LookupShape,
    NewZone,
    ZonePatch,
    ZoneShape,
    lookup_shape,
    zone_shape,
)
from muster.ports.zones import ZoneFilter, ZoneOrder

__all__ = ["Zones"]

_SORTING = Sorting(ZoneOrder, {ZoneOrder.NAME: str, ZoneOrder.CREATED_AT: datetime})
ZoneSort = Literal["name", "-name", "createdAt", "-createdAt"]


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
        data: JSONBody[Nothing | None] = None,
    ) -> ZoneShape:
        """Close a zone to new bookings; a second time changes nothing."""
        return zone_shape(await ask(request, ArchiveZone(UUID(zone_id))))
