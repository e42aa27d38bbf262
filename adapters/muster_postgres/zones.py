"""Zones in PostgreSQL: the repository and the reader."""

from __future__ import annotations

from uuid import UUID

from muster.domain.names import fold_name
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.zones import Operator, Zone
from muster.ports.paging import Page, PageRequest
from muster.ports.zones import ZoneFilter, ZoneOrder, ZoneReader, ZoneRepository
from muster_postgres.connection import PostgresConnection
from muster_postgres.database import Database
from muster_postgres.keyset import PageQuery
from muster_postgres.scoping import zone_bounds
from muster_postgres.zone_rows import ZONE_COLUMNS, zone_from, zone_row

__all__ = ["PostgresZoneReader", "PostgresZones"]

_SELECT = f"SELECT {ZONE_COLUMNS} FROM zones"  # noqa: S608 - constants

_INSERT = """
    INSERT INTO zones
        (id, name, folded_name, franchise_id, latitude, longitude, radius_km, time_zone,
         priority, status, version, created_at, updated_at, centre, reach, reach_chord)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            cube($14::float8[]), cube_enlarge(cube($14::float8[]), $15, 3), $15)
"""

_UPDATE = """
    UPDATE zones
    SET name = $2, folded_name = $3, franchise_id = $4, latitude = $5, longitude = $6,
        radius_km = $7, time_zone = $8, priority = $9, status = $10, version = $11,
        created_at = $12, updated_at = $13, centre = cube($14::float8[]),
        reach = cube_enlarge(cube($14::float8[]), $15, 3), reach_chord = $15
    WHERE id = $1
"""

# Shared, so that bookings of one zone go side by side; an edit waits for all of them.
_VERSION_IN_FORCE = "SELECT version FROM zones WHERE id = $1 AND status = 'ACTIVE' FOR SHARE"

_COLUMNS = {ZoneOrder.NAME: "folded_name", ZoneOrder.CREATED_AT: "created_at"}

_OPERATED_BY = {
    Operator.COMPANY: "franchise_id IS NULL",
    Operator.FRANCHISE: "franchise_id IS NOT NULL",
}


class PostgresZones(ZoneRepository):
    """Zones within one unit of work."""

    def __init__(self, connection: PostgresConnection, scope: Scope) -> None:
        """Work on the unit's connection, within a scope."""
        self._connection = connection
        self._scope = scope

    async def add(self, zone: Zone) -> None:
        """Store a new zone."""
        await self._connection.execute(_INSERT, *zone_row(zone))

    async def get(self, zone_id: UUID) -> Zone | None:
        """Return a zone, locked until the unit ends against other writers and new bookings."""
        bounds, values = zone_bounds(self._scope, "franchise_id", used=1)
        row = await self._connection.fetchrow(
            f"{_SELECT} WHERE id = $1{bounds} FOR NO KEY UPDATE", zone_id, *values
        )
        return None if row is None else zone_from(row)

    async def replace(self, zone: Zone) -> None:
        """Store a changed zone."""
        if await self._connection.execute(_UPDATE, *zone_row(zone)) != "UPDATE 1":
            raise LookupError(f"there is no zone {zone.id}")

    async def version_in_force(self, zone_id: UUID) -> int | None:
        """Return an active zone's version, which then stays in force until the unit ends."""
        row = await self._connection.fetchrow(_VERSION_IN_FORCE, zone_id)
        return None if row is None else row["version"]


class PostgresZoneReader(ZoneReader):
    """Committed zones."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def get(self, zone_id: UUID, scope: Scope = EVERYTHING) -> Zone | None:
        """Return a zone."""
        bounds, values = zone_bounds(scope, "franchise_id", used=1)
        row = await self._database.fetchrow(f"{_SELECT} WHERE id = $1{bounds}", zone_id, *values)
        return None if row is None else zone_from(row)

    async def page(
        self, wanted: ZoneFilter, request: PageRequest[ZoneOrder], scope: Scope = EVERYTHING
    ) -> Page[Zone]:
        """Return a page of zones; names sort by their folded form."""
        column = _COLUMNS[request.order]
        query = PageQuery(_SELECT, "zones")
        if wanted.operator is not None:
            query.where_plain(_OPERATED_BY[wanted.operator])
        query.where("franchise_id = {}", wanted.franchise_id)
        query.where("status = {}", wanted.status and wanted.status.value)
        query.where_within(zone_bounds, scope, "franchise_id")
        query.where("time_zone = {}", wanted.time_zone)
        query.where("folded_name ^@ {}", wanted.name and fold_name(wanted.name))
        rows = await self._database.fetch(query.text(column, request), *query.args)
        return Page(
            tuple(map(zone_from, rows[: request.limit])),
            query.next_after(rows, column, request),
        )
