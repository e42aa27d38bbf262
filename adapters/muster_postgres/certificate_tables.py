"""The tables of certificates and their documents as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
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

__all__ = ["add_certificate_tables"]

_INSTANT = DateTime(timezone=True)


def add_certificate_tables(metadata: MetaData) -> None:
    """Add them to the tables that the database is held to."""
    Table(
        "certificates",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("number", Text, nullable=False),
        Column("booking_id", Uuid, nullable=False),
        Column("student_id", Uuid, nullable=False),
        Column("student_name", Text, nullable=False),
        Column("course_id", Uuid, nullable=False),
        Column("franchise_id", Uuid),
        Column("issued_on", Date, nullable=False),
        Column("status", Text, nullable=False),
        Column("revocation_reason", Text),
        Column("supersedes", Uuid),
        Column("reissue_reason", Text),
        Column("superseded_by", Uuid),
        Column("version", Integer, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("updated_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("id", name="certificates_pkey"),
        UniqueConstraint("number", name="certificates_number_key"),
        UniqueConstraint("supersedes", name="certificates_supersedes_key"),
        UniqueConstraint("superseded_by", name="certificates_superseded_by_key"),
        ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="certificates_booking_id_fkey"),
        ForeignKeyConstraint(
            ["supersedes"], ["certificates.id"], name="certificates_supersedes_fkey"
        ),
        ForeignKeyConstraint(
            ["superseded_by"],
            ["certificates.id"],
            name="certificates_superseded_by_fkey",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index(
            "certificates_in_force_key",
            "booking_id",
            "student_id",
            unique=True,
            postgresql_where=text("status NOT IN ('REVOKED', 'SUPERSEDED')"),
        ),
        Index("certificates_booking_id_idx", "booking_id", "created_at", "id"),
        Index("certificates_student_id_idx", "student_id", "created_at", "id"),
    )
    Table(
        "certificate_documents",
        metadata,
        Column("certificate_id", Uuid, nullable=False),
        Column("edition", Text(collation="C"), nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("rendered_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("certificate_id", name="certificate_documents_pkey"),
        ForeignKeyConstraint(
            ["certificate_id"],
            ["certificates.id"],
            name="certificate_documents_certificate_id_fkey",
            ondelete="CASCADE",
        ),
    )
