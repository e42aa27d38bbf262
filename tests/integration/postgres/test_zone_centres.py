"""The lookup exactly at zones' centres, and where many of them are equally near."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import asin, degrees
from random import Random
from typing import Any

import pytest

from muster.application.zones import LooksUpZone, LookUpZone
from muster.domain.geography import Point, unit_vector
from muster.domain.scopes import EVERYTHING
from muster.domain.zones import Zone
from muster.testing.examples import a_zone
from muster_postgres.database import Database
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from muster_postgres.zone_locator import AROUND, PostgresZoneLocator

pytestmark = pytest.mark.anyio

ZONES = 1_200
ASKED = 500
EDGES = [
    Point(latitude, longitude)
    for latitude in (-90.0, -89.999999999, 0.0, 89.999999999, 90.0)
    for longitude in (-180.0, -179.999999999, -90.0, 0.0, 1e-12, 179.999999999, 180.0)
]


@pytest.mark.parametrize("seed", [20261121])
async def test_500_centres_are_covered_at_no_distance(
    database: Database, units: PostgresUnitOfWorkFactory, seed: int
) -> None:
    zones = list(scattered(Random(seed)))
    async with units() as unit:
        for zone in zones:
            await unit.zones.add(zone)
        await unit.commit()
    async with database.connection() as connection:
        await connection.execute("ANALYZE zones")
    lookup = LooksUpZone(PostgresZoneLocator(database))

    # The first are those at the edges of the map.
    for zone in zones[:ASKED]:
        choice = await lookup.answer(LookUpZone(zone.centre), EVERYTHING)
        # A comparison with NaN is false; the acos of a little over 1 was NaN or an error.
        (own,) = [hit for hit in choice.covering if hit.zone == zone]
        assert 0 <= own.distance_metres < 1e-6, zone
        assert all(0 <= hit.distance_metres < 501_000 for hit in choice.covering), zone
        assert choice.chosen is not None, zone
        assert choice.chosen.distance_metres < 1e-6, zone
        assert choice.nearest is None, zone
        assert await indexes(database, zone.centre) == {"zones_reach_idx", "zones_centre_idx"}


@pytest.mark.parametrize("seed", [20261121])
async def test_of_many_equally_near_zones_the_lowest_id_counts(
    database: Database, units: PostgresUnitOfWorkFactory, seed: int
) -> None:
    zones = [a_zone(centre=Point(16.5, 80.6), radius_km=1.0) for _ in range(200)]
    async with units() as unit:
        for zone in Random(seed).sample(zones, len(zones)):
            await unit.zones.add(zone)
        await unit.commit()
    around = await PostgresZoneLocator(database).around(Point(16.6, 80.6))
    assert around.covering == ()
    assert around.nearest == min(zones, key=lambda zone: zone.id)


def scattered(chance: Random) -> Iterator[Zone]:
    """Zones of a metre to 500 km, spread evenly over the earth after those at its edges."""
    for number in range(ZONES):
        centre = (
            EDGES[number]
            if number < len(EDGES)
            else Point(degrees(asin(chance.uniform(-1, 1))), chance.uniform(-180, 180))
        )
        yield a_zone(centre=centre, radius_km=chance.choice((0.001, 1.0, 12.5, 500.0)))


async def indexes(database: Database, place: Point) -> set[str]:
    """The indexes that the lookup uses; it may not read the table from end to end."""
    row = await database.fetchrow(f"EXPLAIN (FORMAT JSON) {AROUND}", unit_vector(place))
    assert row is not None
    nodes = list(nodes_of(json.loads(row[0])[0]["Plan"]))
    assert "Seq Scan" not in {node["Node Type"] for node in nodes}
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from nodes_of(inner)
