"""The tables of second factors as SQLAlchemy knows them; see ``tables``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

__all__ = ["add_second_factor_tables"]

_INSTANT = DateTime(timezone=True)


def add_second_factor_tables(metadata: MetaData) -> None:
    """Add them to the tables that the database is held to."""
    Table(
        "auth_second_factors",
        metadata,
        Column("account_id", Uuid, nullable=False),
        Column("sealed_secret", LargeBinary, nullable=False),
        Column("begun_at", _INSTANT, nullable=False),
        Column("confirmed_at", _INSTANT),
        PrimaryKeyConstraint("account_id", name="auth_second_factors_pkey"),
        _of_account("auth_second_factors"),
    )
    Table(
        "auth_used_steps",
        metadata,
        Column("account_id", Uuid, nullable=False),
        Column("step", BigInteger, nullable=False),
        PrimaryKeyConstraint("account_id", "step", name="auth_used_steps_pkey"),
        _of_account("auth_used_steps"),
    )
    Table(
        "auth_recovery_codes",
        metadata,
        Column("account_id", Uuid, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        PrimaryKeyConstraint("account_id", "hash", name="auth_recovery_codes_pkey"),
        _of_account("auth_recovery_codes"),
    )
    Table(
        "auth_pending_logins",
        metadata,
        Column("hash", LargeBinary, nullable=False),
        Column("account_id", Uuid, nullable=False),
        Column("account_version", Integer, nullable=False),
        Column("expires_at", _INSTANT, nullable=False),
        PrimaryKeyConstraint("hash", name="auth_pending_logins_pkey"),
        _of_account("auth_pending_logins"),
        Index("auth_pending_logins_expires_at_idx", "expires_at"),
    )


def _of_account(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["account_id"], ["auth_accounts.id"], name=f"{table}_account_id_fkey"
    )
