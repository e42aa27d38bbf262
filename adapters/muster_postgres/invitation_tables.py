"""The tables of invitations and of resets of passwords as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)

__all__ = ["add_invitation_tables"]

_INSTANT = DateTime(timezone=True)


def add_invitation_tables(metadata: MetaData) -> None:
    """Add them to the tables that the database is held to."""
    Table(
        "auth_invitations",
        metadata,
        Column("account_id", Uuid, nullable=False),
        Column("token_hash", LargeBinary, nullable=False),
        Column("expires_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("account_id", name="auth_invitations_pkey"),
        UniqueConstraint("token_hash", name="auth_invitations_token_hash_key"),
        ForeignKeyConstraint(
            ["account_id"], ["auth_accounts.id"], name="auth_invitations_account_id_fkey"
        ),
        Index("auth_invitations_expires_at_idx", "expires_at"),
    )
    Table(
        "auth_password_resets",
        metadata,
        Column("identifier_hash", LargeBinary, nullable=False),
        Column("account_id", Uuid),
        Column("account_version", Integer),
        Column("token_hash", LargeBinary),
        Column("expires_at", _INSTANT, nullable=False),
        Column("since", _INSTANT, nullable=False),
        Column("asked", Integer, nullable=False),
        PrimaryKeyConstraint("identifier_hash", name="auth_password_resets_pkey"),
        UniqueConstraint("token_hash", name="auth_password_resets_token_hash_key"),
        Index("auth_password_resets_since_idx", "since"),
    )
