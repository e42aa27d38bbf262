"""``muster db tidy``: zones in order of place answer as before, and nobody waits for it long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from math import asin, degrees
from random import Random

import asyncpg
import pytest
from click.testing import CliRunner

from muster.domain.geography import Point, unit_vector
from muster.testing.examples import a_zone
from muster_postgres.commands import db_commands
from muster_postgres.database import Database
from muster_postgres.tidying import TidyingRefused, tidy_zones
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from muster_postgres.zone_locator import AROUND, PostgresZoneLocator
from tests.integration.postgres.test_query_plans import FILL_ZONES, indexes, planned, read_whole

pytestmark = pytest.mark.anyio

FEW = FILL_ZONES.replace("30000", "3000")
ARCHIVE_SOME = "UPDATE zones SET status = 'ARCHIVED', version = 2 WHERE name LIKE '1%'"
ROWS = "SELECT md5(string_agg(zones::text, '' ORDER BY id)) FROM zones"
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'zones' ORDER BY indexname"
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'zones'::regclass"

# How far those that stand next to each other in the table are apart on the earth, in radii.
APART = """
    SELECT avg(cube_distance(centre, following))
    FROM (SELECT centre, lead(centre) OVER (ORDER BY ctid) AS following FROM zones) AS pairs
"""


@pytest.fixture
async def connection(clean_database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(clean_database)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("seed", [20261121])
async def test_zones_in_order_answer_as_before(
    connection: asyncpg.Connection[asyncpg.Record],
    clean_database: str,
    database: Database,
    seed: int,
) -> None:
    await connection.execute(FEW)
    await connection.execute(ARCHIVE_SOME)
    await connection.execute("VACUUM ANALYZE zones")
    locator = PostgresZoneLocator(database)
    asked = list(places(Random(seed), 100))
    before = [await locator.around(place) for place in asked]
    rows, defined = await connection.fetchval(ROWS), await connection.fetch(INDEXES)
    apart = await connection.fetchval(APART)

    code, said = await asyncio.to_thread(tidied_by_command, clean_database)

    assert (code, "3,000 zones stand in order of place." in said) == (0, True), said
    assert [await locator.around(place) for place in asked] == before
    assert await connection.fetchval(ROWS) == rows
    assert await connection.fetch(INDEXES) == defined
    assert await connection.fetchval(APART) < apart / 10
    nodes = await planned(connection, AROUND, [unit_vector(asked[0])], "generic")
    assert indexes(nodes) == {"zones_reach_idx", "zones_centre_idx"}
    assert "zones" not in read_whole(nodes)


async def test_refuses_while_a_booking_holds_its_zone(
    connection: asyncpg.Connection[asyncpg.Record],
    clean_database: str,
    units: PostgresUnitOfWorkFactory,
) -> None:
    zone = a_zone()
    async with units() as unit:
        await unit.zones.add(zone)
        await unit.commit()
    defined = await connection.fetch(INDEXES)
    async with units() as unit:
        assert await unit.zones.version_in_force(zone.id) == zone.version
        with pytest.raises(TidyingRefused, match="in use"):
            await asyncio.to_thread(tidy_zones, clean_database, 0.1)
        # Nobody waits for the one that was refused.
        assert await connection.fetchval("SELECT count(*) FROM zones") == 1
    assert await connection.fetch(INDEXES) == defined
    assert (await asyncio.to_thread(tidy_zones, clean_database)).zones == 1


async def test_two_do_not_tidy_at_once(
    connection: asyncpg.Connection[asyncpg.Record],
    clean_database: str,
    units: PostgresUnitOfWorkFactory,
) -> None:
    async with units() as unit:
        # Holds up the first, and so the lock by which the second knows of it.
        await unit.zones.add(a_zone())
        first = asyncio.create_task(asyncio.to_thread(tidy_zones, clean_database, 60.0))
        async with asyncio.timeout(30):
            while not await connection.fetchval(WAITS):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        with pytest.raises(TidyingRefused, match="Another process"):
            await asyncio.to_thread(tidy_zones, clean_database, 60.0)
        await unit.commit()
    assert (await first).zones == 1


def test_says_plainly_that_the_database_is_empty(empty_database: Callable[[], str]) -> None:
    code, said = tidied_by_command(empty_database())
    assert (code, "The database is empty" in said) == (1, True), said


def tidied_by_command(url: str) -> tuple[int, str]:
    done = CliRunner().invoke(db_commands(url), ["tidy"])
    return done.exit_code, done.output


def places(chance: Random, number: int) -> Iterator[Point]:
    """Places spread evenly over the earth."""
    for _ in range(number):
        yield Point(degrees(asin(chance.uniform(-1, 1))), chance.uniform(-180, 180))
