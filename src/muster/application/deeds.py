"""Deeds as the audit trail keeps them: who did what, and before and after of what differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from muster.application.access import ANYBODY
from muster.application.use_case import Caller, Deed
from muster.domain.audit_entries import AuditEntry

__all__ = ["audit_entry", "change_between"]


def audit_entry(
    entry_id: UUID,
    at: datetime,
    caller: Caller,
    action: str,
    deed: Deed,
    *,
    actor: str | None = None,
) -> AuditEntry:
    """Return the entry of a deed.

    Args:
        entry_id: Its own, UUIDv7.
        at: UTC instant.
        caller: On whose behalf it was done.
        action: What was done, as ``EditZone``.
        deed: To what, and what it changed.
        actor: Who did it where the request itself names nobody, as at a login.
    """
    return AuditEntry(
        id=entry_id,
        at=at,
        actor=actor or (caller.principal or ANYBODY).name,
        action=action,
        subject_kind=deed.subject_kind,
        subject_id=deed.subject_id,
        franchise_id=deed.franchise_id,
        correlation_id=caller.correlation_id,
        change=deed.change,
        address=caller.address,
    )


def change_between(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, **facts: Any
) -> dict[str, Any]:
    """Return a change in plain JSON values.

    Args:
        before: What the subject was; ``None`` where it was not there.
        after: What it became; ``None`` where it is gone. Where both are given, only the
            members that differ are kept.
        **facts: What else is to be known of it, by its name in JSON.
    """
    if before is not None and after is not None:
        differing = [name for name in after if before.get(name) != after[name]]
        before = {name: before.get(name) for name in differing}
        after = {name: after[name] for name in differing}
    return {
        **facts,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
    }
