"""Entries of the audit trail: who did what to what, from where, and what it changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

__all__ = ["COMPANY_STREAM", "AuditEntry", "stream_name", "stream_of"]

COMPANY_STREAM = UUID(int=0)
"""The stream of what was done on the company's own ground."""


class AuditEntry(Struct, frozen=True, rename="camel"):
    """Who did what to what.

    Attributes:
        id: UUIDv7.
        at: UTC instant.
        actor: Who did it, as the principal is named.
        action: The command's name.
        subject_kind: What it was done to: ``booking``, ``zone``, ``franchise``.
        subject_id: The id of that.
        franchise_id: On whose ground; ``None`` is the company's.
        correlation_id: Of the request or job.
        change: What changed, in plain JSON values, free of secrets; for most actions
            ``before`` and ``after``.
        address: Of the client, as the server saw it; ``None`` where no client sent it, such
            as on the command line.
    """

    id: UUID
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: UUID
    franchise_id: UUID | None
    correlation_id: str
    change: dict[str, Any]
    address: str | None = None


def stream_of(entry: AuditEntry) -> UUID:
    """Return the stream that an entry belongs to: its franchise, or ``COMPANY_STREAM``."""
    return entry.franchise_id or COMPANY_STREAM


def stream_name(stream: UUID) -> str:
    """Return how a stream is called: ``company``, or the id of the franchise."""
    return "company" if stream == COMPANY_STREAM else str(stream)
