"""What stands in the database, looked at behind the server's back."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

# Written whoever asks, and when it is time: what the trainer service said, the audit seals, and
# the key of their checkpoints.
WRITTEN_BY_ITSELF = ["trainer_snapshots", "audit_seals", "audit_unsealed", "deployment_keys"]

_COUNT = "count(*)"
_DIGEST = "md5(string_agg(one::text, ' ' ORDER BY one::text))"


def count_rows(database_url: str) -> dict[str, int]:
    """How many rows each table has."""
    return asyncio.run(_of_each_table(database_url, _COUNT))


def digest_rows(database_url: str) -> dict[str, str | None]:
    """A digest of all rows of each table: equal when nothing was written."""
    return asyncio.run(_of_each_table(database_url, _DIGEST))


async def _of_each_table(database_url: str, expression: str) -> dict[str, Any]:
    connection = await asyncpg.connect(database_url)
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> ALL ($1::text[])",
            WRITTEN_BY_ITSELF,
        )
        questions = (f"SELECT '{name}', {expression} FROM \"{name}\" AS one" for (name,) in tables)
        rows = await connection.fetch(" UNION ALL ".join(questions))
        return {row[0]: row[1] for row in rows}
    finally:
        await connection.close()
