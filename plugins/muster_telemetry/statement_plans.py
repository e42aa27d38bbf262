"""How PostgreSQL would run a statement whose values are not known any more.

Nothing is executed: EXPLAIN without ANALYZE plans and no more, and the transaction in which it
does is rolled back. The plan is the generic one, made for any values. The statement is prepared
for that: it works alike on PostgreSQL 15 to 18, whereas EXPLAIN (GENERIC_PLAN) came with 16, and
asyncpg wants values for the placeholders in it.
"""

from __future__ import annotations

import asyncio
import re

from muster.ports.unit_of_work import Connection, UnitOfWorkFactory

__all__ = ["plan_of"]

_PLANNABLE = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_PREPARED = "muster_slow_statement"
_PLACEHOLDERS = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1"
_PATIENCE_SECONDS = 10.0
_PATIENT_FOR = "SET LOCAL statement_timeout = '5s'"
_LOCKS_PATIENT_FOR = "SET LOCAL lock_timeout = '1s'"
"""Whoever waits for a lock keeps those who come later waiting too."""


async def plan_of(text: str, units: UnitOfWorkFactory) -> str | None:
    """Return the generic plan of a statement, one node a line.

    Args:
        text: The statement, with placeholders.
        units: Opens the transaction in which it is planned; it is undone.

    Returns:
        ``None`` where there is none: the statement is of another kind or of several, or no
        PostgreSQL stands behind the port.

    Raises:
        Exception: Whatever the store raises, such as ``DatabaseUnavailable``.
        TimeoutError: It took too long.
    """
    # With a semicolon inside there could be a second statement, which would be executed.
    single = text.rstrip().removesuffix(";")
    if ";" in single or not _PLANNABLE.match(single):
        return None
    async with asyncio.timeout(_PATIENCE_SECONDS), units() as unit:
        try:
            connection = unit.connection
        except NotImplementedError:
            return None
        await connection.fetch(_PATIENT_FOR)
        await connection.fetch(_LOCKS_PATIENT_FOR)
        return await _plan_in(single, connection)


async def _plan_in(text: str, connection: Connection) -> str:
    # What is prepared outlives a rollback, and so does one that a failure has left behind.
    if await connection.fetchrow(_PLACEHOLDERS, _PREPARED):
        await connection.fetch(f"DEALLOCATE {_PREPARED}")
    await connection.fetch(f"PREPARE {_PREPARED} AS {text}")
    counted = await connection.fetchrow(_PLACEHOLDERS, _PREPARED)
    assert counted is not None, "it was prepared just now"
    await connection.fetch("SET LOCAL plan_cache_mode = force_generic_plan")
    values = f"({', '.join(['NULL'] * counted[0])})" if counted[0] else ""
    plan = await connection.fetch(f"EXPLAIN EXECUTE {_PREPARED}{values}")
    await connection.fetch(f"DEALLOCATE {_PREPARED}")
    return "\n".join(row[0] for row in plan)
