"""The tables of accounts and tokens as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
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

__all__ = ["add_account_tables"]

_INSTANT = DateTime(timezone=True)


def add_account_tables(metadata: MetaData) -> None:
    """Add them to the tables that the database is held to."""
    Table(
        "auth_accounts",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("identifier", Text(collation="C"), nullable=False),
        Column("display_name", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("franchise_id", Uuid),
        Column("trainer_id", Uuid),
        Column("client_id", Uuid),
        Column("password_hash", Text),
        Column("disabled", Boolean, nullable=False, server_default=text("false")),
        Column("version", Integer, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("updated_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("id", name="auth_accounts_pkey"),
        UniqueConstraint("identifier", name="auth_accounts_identifier_key"),
        Index(
            "auth_accounts_admins_idx",
            "id",
            postgresql_where=text(
                "role = 'company_admin' AND NOT disabled AND password_hash IS NOT NULL"
            ),
        ),
    )
    Table(
        "auth_sessions",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("account_id", Uuid, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("user_agent", Text, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("last_used_at", _INSTANT, nullable=False),
        Column("expires_at", _INSTANT, nullable=False),
        Column("ended_at", _INSTANT),
        Column("ended_because", Text),
        PrimaryKeyConstraint("id", name="auth_sessions_pkey"),
        ForeignKeyConstraint(
            ["account_id"], ["auth_accounts.id"], name="auth_sessions_account_id_fkey"
        ),
        Index(
            "auth_sessions_live_idx",
            "account_id",
            "created_at",
            "id",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("auth_sessions_expires_at_idx", "expires_at"),
    )
    Table(
        "auth_refresh_tokens",
        metadata,
        Column("hash", LargeBinary, nullable=False),
        Column("session_id", Uuid, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("used_at", _INSTANT),
        Column("successor_salt", LargeBinary),
        PrimaryKeyConstraint("hash", name="auth_refresh_tokens_pkey"),
        UniqueConstraint("session_id", "generation", name="auth_refresh_tokens_generation_key"),
        ForeignKeyConstraint(
            ["session_id"],
            ["auth_sessions.id"],
            name="auth_refresh_tokens_session_id_fkey",
            ondelete="CASCADE",
        ),
    )
    _add_keys_and_counts(metadata)


def _add_keys_and_counts(metadata: MetaData) -> None:
    Table(
        "auth_revocations",
        metadata,
        Column("jti", Uuid, nullable=False),
        Column("expires_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("jti", name="auth_revocations_pkey"),
        Index("auth_revocations_expires_at_idx", "expires_at"),
    )
    Table(
        "auth_signing_keys",
        metadata,
        Column("kid", Text, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
        Column("retired_at", _INSTANT),
        Column("sealed_private_key", LargeBinary, nullable=False),
        PrimaryKeyConstraint("kid", name="auth_signing_keys_pkey"),
        Index(
            "auth_signing_keys_current_key",
            text("(retired_at IS NULL)"),
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
    Table(
        "auth_failures",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("identifier_hash", LargeBinary, nullable=False),
        Column("at", _INSTANT, nullable=False),
        Column("settled", Boolean, nullable=False),
        Column("address_hash", LargeBinary),
        PrimaryKeyConstraint("id", name="auth_failures_pkey"),
        Index("auth_failures_identifier_idx", "identifier_hash", "at"),
        Index("auth_failures_at_idx", "at"),
        Index(
            "auth_failures_address_idx",
            "address_hash",
            "at",
            postgresql_where=text("address_hash IS NOT NULL"),
        ),
    )
