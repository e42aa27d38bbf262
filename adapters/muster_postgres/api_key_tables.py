"""The tables of API keys as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

__all__ = ["add_api_key_tables"]

_INSTANT = DateTime(timezone=True)


def add_api_key_tables(metadata: MetaData) -> None:
    """Add them to the tables that the database is held to."""
    Table(
        "auth_api_keys",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("name", Text, nullable=False),
        Column("prefix", Text, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("permissions", ARRAY(Text), nullable=False),
        Column("franchise_id", Uuid),
        Column("public_key", Text),
        Column("created_by", Text, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("expires_at", _INSTANT, nullable=False),
        Column("last_used_at", _INSTANT),
        Column("rotated_at", _INSTANT),
        Column("revoked_at", _INSTANT),
        Column("predecessor_id", Uuid),
        PrimaryKeyConstraint("id", name="auth_api_keys_pkey"),
        UniqueConstraint("hash", name="auth_api_keys_hash_key"),
        UniqueConstraint("predecessor_id", name="auth_api_keys_predecessor_id_key"),
        ForeignKeyConstraint(
            ["predecessor_id"],
            ["auth_api_keys.id"],
            name="auth_api_keys_predecessor_id_fkey",
        ),
    )
    Table(
        "auth_nonces",
        metadata,
        Column("key_id", Uuid, nullable=False),
        Column("nonce", Text(collation="C"), nullable=False),
        Column("kept_until", _INSTANT, nullable=False),
        PrimaryKeyConstraint("key_id", "nonce", name="auth_nonces_pkey"),
        ForeignKeyConstraint(["key_id"], ["auth_api_keys.id"], name="auth_nonces_key_id_fkey"),
        Index("auth_nonces_kept_until_idx", "kept_until"),
    )
