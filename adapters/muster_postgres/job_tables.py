"""The tables of jobs as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["add_job_tables"]

_INSTANT = DateTime(timezone=True)
_NAME = Text(collation="C")


def add_job_tables(metadata: MetaData) -> None:
    """Add the jobs, their schedules and their queues to the tables that the database is held to."""
    Table(
        "jobs",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("type", _NAME, nullable=False),
        Column("state", Text, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("unique_key", _NAME),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("lease", BigInteger, nullable=False, server_default=text("0")),
        Column("leased_until", _INSTANT),
        Column("asked_at", _INSTANT, nullable=False),
        Column("run_at", _INSTANT, nullable=False),
        Column("taken_at", _INSTANT),
        Column("ended_at", _INSTANT),
        Column("worker", Text),
        Column("result", JSONB),
        Column("last_error", Text),
        Column("correlation_id", Text, nullable=False),
        Column("asked_again_by", Text),
        Column("asked_patiently", Boolean, nullable=False, server_default=text("false")),
        Column("trace_context", Text),
        PrimaryKeyConstraint("id", name="jobs_pkey"),
        Index(
            "jobs_live_key",
            "type",
            "unique_key",
            unique=True,
            postgresql_where=text("unique_key IS NOT NULL AND state IN ('WAITING', 'RUNNING')"),
        ),
        Index("jobs_due_idx", "type", "run_at", "id", postgresql_where=text("state = 'WAITING'")),
        Index("jobs_leased_idx", "leased_until", postgresql_where=text("state = 'RUNNING'")),
        Index(
            "jobs_ended_idx",
            "state",
            "ended_at",
            "id",
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
        Index("jobs_dead_idx", "type", "id", postgresql_where=text("state = 'DEAD'")),
        Index("jobs_correlation_idx", "correlation_id", "id"),
        Index(
            "jobs_failing_idx",
            "taken_at",
            postgresql_where=text("state = 'WAITING' AND last_error IS NOT NULL"),
        ),
    )
    Table(
        "job_ticks",
        metadata,
        Column("schedule", _NAME, nullable=False),
        Column("last_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("schedule", name="job_ticks_pkey"),
    )
    Table(
        "paused_job_queues",
        metadata,
        Column("queue", _NAME, nullable=False),
        Column("paused_at", _INSTANT, nullable=False),
        Column("paused_by", Text, nullable=False),
        PrimaryKeyConstraint("queue", name="paused_job_queues_pkey"),
    )
