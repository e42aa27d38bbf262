"""The use case that reads the audit trail."""

from __future__ import annotations

from muster.application.access import Permission
from muster.application.use_case import QueryCase, Request
from muster.domain.audit_entries import AuditEntry
from muster.domain.scopes import Scope
from muster.ports.audit import AuditFilter, AuditOrder, AuditReader
from muster.ports.paging import Page, PageRequest

__all__ = ["ListAuditEntries", "ListsAuditEntries"]


class ListAuditEntries(Request[Page[AuditEntry]], frozen=True):
    """List what was done."""

    wanted: AuditFilter
    page: PageRequest[AuditOrder]


class ListsAuditEntries(QueryCase[ListAuditEntries]):
    """Lists what was done; to a franchise, what was done on its ground."""

    handles = ListAuditEntries
    permission = Permission.AUDIT_READ

    def __init__(self, trail: AuditReader) -> None:
        """Read from this reader."""
        self._trail = trail

    async def answer(self, query: ListAuditEntries, scope: Scope) -> Page[AuditEntry]:
        """Return the page."""
        return await self._trail.page(query.wanted, query.page, scope)
