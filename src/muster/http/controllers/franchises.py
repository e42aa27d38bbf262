"""Routes for franchises."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Controller, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from muster.application.franchises import GetFranchise, ListFranchises
from muster.domain.franchises import FranchiseStatus
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.common import Listing
from muster.http.shapes.fields import IdText, Limit
from muster.http.shapes.franchises import (
    FranchisePatch,
    FranchiseShape,
    NewFranchise,
    franchise_shape,
)
from muster.plugin_api.pages import Sorting, page_request, paged
from muster.ports.franchises import FranchiseFilter, FranchiseOrder

__all__ = ["Franchises"]

_SORTING = Sorting(FranchiseOrder, {FranchiseOrder.NAME: str, FranchiseOrder.CREATED_AT: datetime})
FranchiseSort = Literal["name", "-name", "createdAt", "-createdAt"]


class Franchises(Controller):
    """Partners who operate zones."""

    path = "/v1/franchises"
    tags = ("Franchises",)

    @post(operation_id="createFranchise", summary="Admit a franchise")
    async def create(self, request: HttpRequest, data: JSONBody[NewFranchise]) -> FranchiseShape:
        """Admit a franchise."""
        return franchise_shape(await ask(request, data.command()))

    @get(operation_id="listFranchises", summary="List franchises")
    async def list(
        self,
        request: HttpRequest,
        status: FromQuery[FranchiseStatus | None] = None,
        sort: FromQuery[FranchiseSort] = "createdAt",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[FranchiseShape]:
        """List franchises, page by page."""
        wanted = page_request(request, _SORTING, sort, cursor, limit)
        page = await ask(request, ListFranchises(FranchiseFilter(status), wanted))
        return paged(request, page, sort, limit, franchise_shape)

    @get("/{franchise_id:str}", operation_id="getFranchise", summary="Show a franchise")
    async def show(self, request: HttpRequest, franchise_id: FromPath[IdText]) -> FranchiseShape:
        """Show a franchise."""
        return franchise_shape(await ask(request, GetFranchise(UUID(franchise_id))))

    @patch("/{franchise_id:str}", operation_id="editFranchise", summary="Edit a franchise")
    async def edit(
        self, request: HttpRequest, franchise_id: FromPath[IdText], data: JSONBody[FranchisePatch]
    ) -> FranchiseShape:
        """Edit a franchise."""
        return franchise_shape(await ask(request, data.command(UUID(franchise_id))))
