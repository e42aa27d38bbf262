"""The route that shows the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromQuery, QueryParameter

from muster.application.read_audit import ListAuditEntries
from muster.http.edge import HttpRequest, ask
from muster.http.shapes.audit import AuditEntryShape, audit_entry_shape
from muster.http.shapes.common import Listing
from muster.http.shapes.fields import IdText, Instant, Limit, Word, in_utc
from muster.plugin_api.pages import Sorting, page_request, paged
from muster.ports.audit import AuditFilter, AuditOrder

__all__ = ["AuditTrail"]

_SORTING = Sorting(AuditOrder, {AuditOrder.AT: datetime})
AuditSort = Literal["at", "-at"]


class AuditTrail(Controller):
    """What was done, by whom, to what, from where."""

    path = "/admin/audit"
    tags = ("Administration",)

    @get(operation_id="listAuditEntries", summary="List what was done")
    async def list(
        self,
        request: HttpRequest,
        actor: FromQuery[Word | None] = None,
        action: FromQuery[Word | None] = None,
        subject_kind: Annotated[Word | None, QueryParameter(name="subjectKind")] = None,
        subject_id: Annotated[IdText | None, QueryParameter(name="subjectId")] = None,
        franchise_id: Annotated[IdText | None, QueryParameter(name="franchiseId")] = None,
        since: Annotated[
            Instant | None, QueryParameter(name="from", description="Done at this instant or later")
        ] = None,
        until: Annotated[
            Instant | None, QueryParameter(name="to", description="Done before this instant")
        ] = None,
        sort: FromQuery[AuditSort] = "-at",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[AuditEntryShape]:
        """List audit entries, page by page, the newest first unless asked otherwise."""
        wanted = AuditFilter(
            actor=actor,
            action=action,
            subject_kind=subject_kind,
            subject_id=UUID(subject_id) if subject_id else None,
            franchise_id=UUID(franchise_id) if franchise_id else None,
            since=in_utc(since),
            until=in_utc(until),
        )
        page = page_request(request, _SORTING, sort, cursor, limit)
        found = await ask(request, ListAuditEntries(wanted, page))
        return paged(request, found, sort, limit, audit_entry_shape)
