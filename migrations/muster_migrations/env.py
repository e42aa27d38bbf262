"""How Alembic reaches the database: over asyncpg, one process at a time."""

from __future__ import annotations

import asyncio
from typing import cast

from advanced_alchemy.alembic.commands import AlembicCommandConfig
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

TURN = 0x6D75737465720001
"""The advisory lock that migrating processes take in turn ("muster", 1)."""

config = cast("AlembicCommandConfig", context.config)


def migrate(connection: Connection) -> None:
    """Run what was asked for, all of it in one transaction.

    The lock comes before Alembic looks at the version, so that a process that waited
    finds the work of the other one done. It is the session's, not the transaction's,
    because a migration may commit on its way to build an index concurrently.
    """
    connection.execute(text("SELECT pg_advisory_lock(:turn)"), {"turn": TURN})
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=config.attributes["metadata"],
            version_table=config.version_table_name,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:turn)"), {"turn": TURN})
        connection.commit()


async def online() -> None:
    """Connect and migrate."""
    engine = cast("AsyncEngine", config.engine)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


asyncio.run(online())
