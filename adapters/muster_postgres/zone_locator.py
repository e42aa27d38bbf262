"""Which zones serve a place: one statement over two spatial indexes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from muster.domain.geography import Point, unit_vector
from muster.domain.zones import Zone, covers
from muster.ports.zones import ZoneLocator, ZonesAround
from muster_postgres.database import Database
from muster_postgres.zone_rows import ZONE_COLUMNS, zone_from

__all__ = ["AROUND", "PostgresZoneLocator"]

# The index holds each centre as a box of nanometres: as points they fill its pages badly, and
# a search reads a third more of them (docs/performance.md). Its order is that of the centres
# but for what is rounding anyway; those equally near are all read, and the lowest id counts.
# PostgreSQL 15 and 16 walk an index in order of distance only where nothing else orders.
_NEAREST = f"""
    SELECT {ZONE_COLUMNS}
    FROM (
        SELECT *, centre <-> cube($1::float8[]) AS chord
        FROM zones
        WHERE status = 'ACTIVE' AND {{condition}}
        ORDER BY cube_enlarge(centre, 1e-15, 3) <-> cube($1::float8[])
        FETCH FIRST ROW WITH TIES
    ) AS near
    ORDER BY chord, id
    LIMIT 1
"""  # noqa: S608 - constants

# The box of a zone's reach is found by index; the corners of the box are left out by the
# chord, with twice the domain's slack, so that rounding here never decides: `covers` does.
# The nearest zone is looked for only when no zone covers the place.
AROUND = f"""
    WITH covering AS MATERIALIZED (
        SELECT {ZONE_COLUMNS}
        FROM (
            SELECT *, centre <-> cube($1::float8[]) AS chord
            FROM zones
            WHERE status = 'ACTIVE' AND reach @> cube($1::float8[])
        ) AS boxed
        WHERE chord <= reach_chord + 1e-12
    )
    SELECT true AS covers, * FROM covering
    UNION ALL
    SELECT false, * FROM ({_NEAREST.format(condition="NOT EXISTS (SELECT FROM covering)")})
        AS nearest
"""  # noqa: S608 - constants
"""The lookup; public for those who look at how it is run."""

# One probe of the index of reaches for each place.
_COVERING = f"""
    SELECT asked.place, boxed.*
    FROM unnest($1::float8[], $2::float8[], $3::float8[]) WITH ORDINALITY
        AS asked (x, y, z, place)
    CROSS JOIN LATERAL (
        SELECT {ZONE_COLUMNS} FROM zones
        WHERE status = 'ACTIVE' AND reach @> cube(ARRAY[asked.x, asked.y, asked.z])
    ) AS boxed
    ORDER BY asked.place, boxed.id
"""  # noqa: S608 - constants

_ZONE = f"SELECT {ZONE_COLUMNS} FROM zones WHERE id = $1"  # noqa: S608 - constants

_NEAREST_OF_ALL = _NEAREST.format(condition="true")


class PostgresZoneLocator(ZoneLocator):
    """Committed truth about cover."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def covering(self, points: Sequence[Point]) -> tuple[tuple[Zone, ...], ...]:
        """Return the active zones that cover each of some places, in one question."""
        if not points:
            return ()
        vectors = [unit_vector(point) for point in points]
        rows = await self._database.fetch(_COVERING, *map(list, zip(*vectors, strict=True)))
        found: list[list[Zone]] = [[] for _ in points]
        for row in rows:
            zone, place = zone_from(row), row["place"] - 1
            if covers(zone, points[place]):
                found[place].append(zone)
        return tuple(map(tuple, found))

    async def zone(self, zone_id: UUID) -> Zone | None:
        """Return a zone, archived or not."""
        row = await self._database.fetchrow(_ZONE, zone_id)
        return None if row is None else zone_from(row)

    async def around(self, point: Point) -> ZonesAround:
        """Return the zones that cover a place, or the nearest one."""
        vector = unit_vector(point)
        rows = await self._database.fetch(AROUND, vector)
        covering = tuple(
            zone
            for zone in (zone_from(row) for row in rows if row["covers"])
            if covers(zone, point)
        )
        if covering:
            return ZonesAround(covering, None)
        if rows and not rows[0]["covers"]:
            return ZonesAround((), zone_from(rows[0]))
        if not rows:
            return ZonesAround((), None)
        # A place within micrometres of a border, on the outer side: asked again.
        nearest = await self._database.fetchrow(_NEAREST_OF_ALL, vector)
        return ZonesAround((), None if nearest is None else zone_from(nearest))
