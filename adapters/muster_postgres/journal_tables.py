"""The tables of events and of the audit trail as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["add_journal_tables"]

_INSTANT = DateTime(timezone=True)


def add_journal_tables(metadata: MetaData) -> None:
    """Add what is recorded beside a change to the tables that the database is held to."""
    Table(
        "outbox_events",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("at", _INSTANT, nullable=False),
        Column("correlation_id", Text, nullable=False),
        Column("event", Text, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("trace_context", Text),
        PrimaryKeyConstraint("id", name="outbox_events_pkey"),
        UniqueConstraint("position", name="outbox_events_position_key"),
        Index("outbox_events_at_idx", "at"),
    )
    Table(
        "event_deliveries",
        metadata,
        Column("subscriber", Text, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("due_at", _INSTANT, nullable=False, server_default=text("'-infinity'")),
        Column("parked", Boolean, nullable=False, server_default=text("false")),
        Column("last_error", Text),
        PrimaryKeyConstraint("subscriber", "event_id", name="event_deliveries_pkey"),
        ForeignKeyConstraint(
            ["event_id"], ["outbox_events.id"], name="event_deliveries_event_id_fkey"
        ),
        Index("event_deliveries_event_idx", "event_id"),
        Index(
            "event_deliveries_waiting_idx",
            "subscriber",
            "position",
            postgresql_where=text("NOT parked"),
        ),
        Index(
            "event_deliveries_parked_idx", "subscriber", "position", postgresql_where=text("parked")
        ),
        Index(
            "event_deliveries_subject_idx",
            "subscriber",
            "subject_id",
            "position",
            postgresql_where=text("NOT parked"),
        ),
    )
    Table(
        "event_replays",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("subscriber", Text(collation="C"), nullable=False),
        Column("since", _INSTANT),
        Column("until", _INSTANT),
        Column("from_position", BigInteger),
        Column("to_position", BigInteger),
        Column("first_position", BigInteger, nullable=False),
        Column("last_position", BigInteger, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("due_at", _INSTANT, nullable=False, server_default=text("'-infinity'")),
        Column("last_error", Text),
        Column("asked_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("id", name="event_replays_pkey"),
        UniqueConstraint(
            "subscriber",
            "since",
            "until",
            "from_position",
            "to_position",
            name="event_replays_wanted_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    Table(
        "audit_entries",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("at", _INSTANT, nullable=False),
        Column("actor", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("subject_kind", Text, nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("franchise_id", Uuid),
        Column("correlation_id", Text, nullable=False),
        Column("change", JSONB, nullable=False),
        Column("address", Text),
        PrimaryKeyConstraint("id", name="audit_entries_pkey"),
        UniqueConstraint("position", name="audit_entries_position_key"),
        Index("audit_entries_subject_idx", "subject_id", "position"),
        Index("audit_entries_at_idx", "at", "id"),
        Index(
            "audit_entries_franchise_idx",
            "franchise_id",
            "at",
            "id",
            postgresql_where=text("franchise_id IS NOT NULL"),
        ),
    )
    Table(
        "audit_unsealed",
        metadata,
        Column("entry_id", Uuid, nullable=False),
        PrimaryKeyConstraint("entry_id", name="audit_unsealed_pkey"),
    )
    Table(
        "audit_seals",
        metadata,
        Column("stream", Uuid, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("entry_id", Uuid, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        PrimaryKeyConstraint("stream", "sequence", name="audit_seals_pkey"),
        UniqueConstraint("entry_id", name="audit_seals_entry_id_key"),
    )
