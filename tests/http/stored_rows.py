"""What stands in the database, counted behind the server's back."""

from __future__ import annotations

import asyncio

import asyncpg

# What the trainer service said is remembered, whoever asked.
REMEMBERED = "trainer_snapshots"


def count_rows(database_url: str) -> dict[str, int]:
    """The rows of each table."""

    async def counted() -> dict[str, int]:
        connection = await asyncpg.connect(database_url)
        try:
            tables = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> $1",
                REMEMBERED,
            )
            return {
                name: await connection.fetchval(f'SELECT count(*) FROM "{name}"')
                for (name,) in tables
            }
        finally:
            await connection.close()

    return asyncio.run(counted())
