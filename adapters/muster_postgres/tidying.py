"""Putting the zones in order of place, so that a lookup reads fewer pages.

The trees of both spatial indexes take the shape of the order in which zones came: those that
came in no order give branches that overlap (docs/performance.md). PostgreSQL's CLUSTER writes
the table anew in the order of an index and builds every index again from it.
"""

from __future__ import annotations

import asyncio
import time

import asyncpg
from msgspec import Struct

from muster.plugin_api import CompositionError
from muster_postgres.revisions import current_revision, driver_url, refuse_newer

__all__ = ["LOCK_PATIENCE_SECONDS", "TidiedZones", "TidyingRefused", "tidy_zones"]

LOCK_PATIENCE_SECONDS = 2.0
"""How long the table is waited for. Every lookup that comes meanwhile waits behind, so it is
less than the 5 s after which those give up by default."""

_TURN = 0x6D75737465720003
"""The advisory lock of those who tidy ("muster", 3); 1 is that of those who migrate."""

# PostgreSQL builds this kind of index along a curve that fills the map, so that neighbours
# stand together, and CLUSTER then takes its order. It is the order that gave the trees a search
# reads least of: less than that of latitude, or of an index over centres (docs/performance.md).
_IN_ORDER_OF_PLACE = """
    CREATE INDEX zones_tidying_idx ON zones USING gist (point(longitude, latitude));
    CLUSTER zones USING zones_tidying_idx;
    DROP INDEX zones_tidying_idx;
"""


class TidyingRefused(CompositionError):
    """Zones were not put in order, and nothing has changed."""


class TidiedZones(Struct, frozen=True):
    """What was done.

    Attributes:
        zones: How many stand in order now, by PostgreSQL's own count, archived ones too.
        closed_seconds: For how long the table could be neither read nor written.
    """

    zones: int
    closed_seconds: float


def tidy_zones(url: str, patience_seconds: float = LOCK_PATIENCE_SECONDS) -> TidiedZones:
    """Put zones in order of place; lookups and bookings wait meanwhile. Blocks.

    All of it is one transaction: when it fails or is broken off, the zones are as they were.

    Args:
        url: A ``postgresql://`` URL; its user owns the tables.
        patience_seconds: How long to wait while others use the table.

    Raises:
        TidyingRefused: The database is empty, another process is tidying, or the table was in
            use for longer.
        MigrationRefused: The database is at a revision that this version does not know.
        OSError: It cannot be reached.
        asyncpg.PostgresError: It refused, such as for want of room or of ownership.
    """
    return asyncio.run(_tidied(url, patience_seconds))


async def _tidied(url: str, patience_seconds: float) -> TidiedZones:
    revision = await current_revision(url)
    refuse_newer(revision)
    if revision is None:
        raise TidyingRefused("The database is empty: there are no zones to put in order.")
    connection = await asyncpg.connect(
        driver_url(url),
        server_settings={
            "application_name": "muster db tidy",
            "lock_timeout": f"{patience_seconds * 1000:.0f}",
            "statement_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
        },
    )
    try:
        closed_seconds = await _put_in_order(connection)
        # What the planner and index-only scans know of the table is of its old pages. This
        # shuts nobody out, so it may wait.
        await connection.execute("SET lock_timeout = 0")
        await connection.execute("VACUUM (ANALYZE) zones")
        zones = await connection.fetchval(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = 'zones'::regclass"
        )
    finally:
        await connection.close()
    return TidiedZones(zones, closed_seconds)


async def _put_in_order(connection: asyncpg.Connection[asyncpg.Record]) -> float:
    async with connection.transaction():
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _TURN):
            raise TidyingRefused("Another process is putting the zones in order.")
        try:
            # Before the long work, which else could be refused at its end, or deadlock.
            await connection.execute("LOCK TABLE zones IN ACCESS EXCLUSIVE MODE")
        except asyncpg.LockNotAvailableError:
            raise TidyingRefused(
                "The zones are in use, by a booking or another transaction that lasts. "
                "Nothing has changed; try again in a quieter moment."
            ) from None
        began = time.monotonic()
        await connection.execute(_IN_ORDER_OF_PLACE)
    return time.monotonic() - began
