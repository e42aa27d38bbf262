"""Audit entries as clients see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.domain.audit_entries import AuditEntry

__all__ = ["AuditEntryShape", "audit_entry_shape"]


class AuditEntryShape(Struct, frozen=True, rename="camel"):
    """Who did what to what, from where, and what it changed."""

    id: UUID
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: UUID
    franchise_id: UUID | None
    address: str | None
    correlation_id: str
    change: dict[str, Any]


def audit_entry_shape(entry: AuditEntry) -> AuditEntryShape:
    """Show an entry."""
    return AuditEntryShape(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
        franchise_id=entry.franchise_id,
        address=entry.address,
        correlation_id=entry.correlation_id,
        change=entry.change,
    )
