"""What is recorded beside a change: receipts, events, audit entries, in one statement."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from muster.domain.events import subject_of
from muster.domain.receipts import Receipt
from muster.ports.bookings import ReceiptRepository
from muster.ports.journal import (
    NOBODY,
    Audience,
    AuditEntry,
    AuditTrail,
    Outbox,
    RecordedEvent,
)
from muster_postgres.connection import PostgresConnection
from muster_postgres.receipt_rows import document_of, packed_candidates

__all__ = ["Journal", "PostgresAuditTrail", "PostgresOutbox", "PostgresReceipts"]

_WRITE = """
    WITH receipt AS (
        INSERT INTO assignment_receipts
            (id, booking_id, kind, created_at, document, version, candidates)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[],
            $20::integer[], $21::bytea[])
    ),
    event AS (
        INSERT INTO outbox_events (id, at, correlation_id, event, payload, trace_context)
        SELECT id, at, correlation_id, event, payload::jsonb, trace_context
        FROM unnest($6::uuid[], $7::timestamptz[], $8::text[], $9::text[], $10::text[],
            $22::text[])
            WITH ORDINALITY AS told (id, at, correlation_id, event, payload, trace_context, place)
        ORDER BY place
    ),
    due AS (
        INSERT INTO audit_unsealed (entry_id) SELECT unnest($11::uuid[])
    )
    INSERT INTO audit_entries (id, at, actor, action, subject_kind, subject_id, franchise_id,
        correlation_id, change, address)
    SELECT id, at, actor, action, subject_kind, subject_id, franchise_id, correlation_id,
        change::jsonb, address
    FROM unnest($11::uuid[], $12::timestamptz[], $13::text[], $14::text[], $15::text[],
        $16::uuid[], $17::uuid[], $18::text[], $19::text[], $23::text[])
        WITH ORDINALITY AS done (id, at, actor, action, subject_kind, subject_id, franchise_id,
            correlation_id, change, address, place)
    ORDER BY place
"""

# In a statement of its own: an app without subscribers sends and plans none of it.
_TELL = """
    INSERT INTO event_deliveries (subscriber, event_id, subject_id)
    SELECT subscriber, event_id, subject_id
    FROM unnest($1::text[], $2::uuid[], $3::uuid[])
        WITH ORDINALITY AS told (subscriber, event_id, subject_id, place)
    ORDER BY place
"""


class Journal:
    """Collects what a unit records, and writes all of it just before the commit.

    None of it is read again within the unit and none of it can be refused, so that one
    round trip does for what would be three.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.receipts: list[Receipt] = []
        self.events: list[RecordedEvent] = []
        self.entries: list[AuditEntry] = []
        self.told: list[tuple[str, RecordedEvent]] = []

    async def write(self, connection: PostgresConnection) -> None:
        """Write what was collected, if anything was."""
        if self.receipts or self.events or self.entries:
            await connection.execute(
                _WRITE,
                *self._receipt_columns(),
                *self._event_columns(),
                *self._entry_columns(),
                [receipt.version for receipt in self.receipts],
                [packed_candidates(receipt.candidates) for receipt in self.receipts],
                [recorded.trace_context for recorded in self.events],
                [entry.address for entry in self.entries],
            )
        if self.told:
            await connection.execute(
                _TELL,
                [subscriber for subscriber, _ in self.told],
                [recorded.id for _, recorded in self.told],
                [subject_of(recorded.event) for _, recorded in self.told],
            )

    def _receipt_columns(self) -> tuple[object, ...]:
        receipts = self.receipts
        return (
            [receipt.id for receipt in receipts],
            [receipt.booking_id for receipt in receipts],
            [receipt.kind.value for receipt in receipts],
            [receipt.created_at for receipt in receipts],
            [document_of(receipt) for receipt in receipts],
        )

    def _event_columns(self) -> tuple[object, ...]:
        events = self.events
        return (
            [recorded.id for recorded in events],
            [recorded.at for recorded in events],
            [recorded.correlation_id for recorded in events],
            [type(recorded.event).__name__ for recorded in events],
            [_json(recorded.event) for recorded in events],
        )

    def _entry_columns(self) -> tuple[object, ...]:
        entries = self.entries
        return (
            [entry.id for entry in entries],
            [entry.at for entry in entries],
            [entry.actor for entry in entries],
            [entry.action for entry in entries],
            [entry.subject_kind for entry in entries],
            [entry.subject_id for entry in entries],
            [entry.franchise_id for entry in entries],
            [entry.correlation_id for entry in entries],
            [_json(entry.change) for entry in entries],
        )


class PostgresReceipts(ReceiptRepository):
    """Receipts within one unit of work."""

    def __init__(self, journal: Journal) -> None:
        """Collect in the unit's journal."""
        self._journal = journal

    async def add(self, receipt: Receipt) -> None:
        """Store a receipt."""
        self._journal.receipts.append(receipt)


class PostgresOutbox(Outbox):
    """Events that commit with the change they tell of."""

    def __init__(self, journal: Journal) -> None:
        """Collect in the unit's journal."""
        self._journal = journal

    async def add(self, events: Sequence[RecordedEvent], audience: Audience = NOBODY) -> None:
        """Store events, in order, with who is to be told."""
        self._journal.events.extend(events)
        self._journal.told.extend(
            (subscriber, recorded)
            for recorded in events
            for subscriber in audience.get(type(recorded.event), ())
        )


class PostgresAuditTrail(AuditTrail):
    """Audit entries that commit with the change they record."""

    def __init__(self, journal: Journal) -> None:
        """Collect in the unit's journal."""
        self._journal = journal

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Store entries, in order."""
        self._journal.entries.extend(entries)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
