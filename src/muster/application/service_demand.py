"""Query about unserved demand: where people wanted lessons and no zone covered them."""

from __future__ import annotations

from muster.application.access import Permission
from muster.application.errors import InvalidRequest
from muster.application.use_case import QueryCase, Request
from muster.domain.demand import Demand
from muster.domain.errors import Fault
from muster.domain.scopes import Scope
from muster.ports.demand import DemandFilter, DemandOrder, DemandReader
from muster.ports.paging import Page, PageRequest

__all__ = ["ListDemand", "ListsDemand"]


class ListDemand(Request[Page[Demand]], frozen=True):
    """List unserved demand by nearest zone and cell of a grid."""

    wanted: DemandFilter
    page: PageRequest[DemandOrder]


class ListsDemand(QueryCase[ListDemand]):
    """Lists unserved demand."""

    handles = ListDemand
    permission = Permission.DEMAND_READ

    def __init__(self, demand: DemandReader) -> None:
        """Read from this reader."""
        self._demand = demand

    async def answer(self, query: ListDemand, scope: Scope) -> Page[Demand]:
        """Return the page."""
        made_from, made_to = query.wanted.made_from, query.wanted.made_to
        if made_from and made_to and made_to < made_from:
            raise InvalidRequest(Fault("to", "BEFORE_FROM", "'to' lies before 'from'."))
        return await self._demand.page(query.wanted, query.page, scope)
