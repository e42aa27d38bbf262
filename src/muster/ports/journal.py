"""The ports that record what happened: events to be told, and the audit trail."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, TypeAlias
from uuid import UUID

from msgspec import Struct

from muster.domain.audit_entries import AuditEntry
from muster.domain.events import Event

__all__ = ["NOBODY", "Audience", "AuditEntry", "AuditTrail", "Outbox", "RecordedEvent"]

Audience: TypeAlias = Mapping[type[Event], Sequence[str]]
"""The names of the subscribers who want to hear of an event, by its class."""

NOBODY: Audience = MappingProxyType({})


class RecordedEvent(Struct, frozen=True):
    """An event on its way out.

    Attributes:
        id: UUIDv7; the idempotency key of whoever is told.
        at: UTC instant.
        correlation_id: Of the request or job that caused it.
        event: What happened.
        trace_context: Of the work that caused it, as a ``traceparent``; ``None`` where
            nobody traced.
    """

    id: UUID
    at: datetime
    correlation_id: str
    event: Event
    trace_context: str | None = None


class Outbox(Protocol):
    """Events that commit with the change they tell of."""

    @abstractmethod
    async def add(self, events: Sequence[RecordedEvent], audience: Audience = NOBODY) -> None:
        """Store events, in order. A command.

        Args:
            events: What has happened.
            audience: Who is to be told of it; ``EventFeed`` has it for them once this commits.
        """


class AuditTrail(Protocol):
    """The audit entries that commit with the change they record; only ever added."""

    @abstractmethod
    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Store entries, in order. A command."""
