"""Franchises in PostgreSQL: the repository and the reader."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from muster.domain.certificate_names import NameDisplay
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.domain.names import fold_name
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.franchises import (
    FranchiseFilter,
    FranchiseOrder,
    FranchiseReader,
    FranchiseRepository,
)
from muster.ports.paging import Page, PageRequest
from muster_postgres.connection import PostgresConnection
from muster_postgres.database import Database
from muster_postgres.keyset import PageQuery
from muster_postgres.scoping import zone_bounds

__all__ = ["PostgresFranchiseReader", "PostgresFranchises"]

_SELECT = """
    SELECT id, name, folded_name, time_zone, status, version, created_at, updated_at,
        certificate_names
    FROM franchises
"""

_INSERT = """
    INSERT INTO franchises
        (id, name, folded_name, time_zone, status, version, created_at, updated_at,
         certificate_names)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_UPDATE = """
    UPDATE franchises
    SET name = $2, folded_name = $3, time_zone = $4, status = $5, version = $6,
        created_at = $7, updated_at = $8, certificate_names = $9
    WHERE id = $1
"""

_COLUMNS = {FranchiseOrder.NAME: "folded_name", FranchiseOrder.CREATED_AT: "created_at"}


class PostgresFranchises(FranchiseRepository):
    """Franchises within one unit of work."""

    def __init__(self, connection: PostgresConnection, scope: Scope) -> None:
        """Work on the unit's connection, within a scope."""
        self._connection = connection
        self._scope = scope

    async def add(self, franchise: Franchise) -> None:
        """Store a new franchise."""
        await self._connection.execute(_INSERT, *_row(franchise))

    async def get(self, franchise_id: UUID) -> Franchise | None:
        """Return a franchise, locked against other writers until the unit ends."""
        bounds, values = zone_bounds(self._scope, "id", used=1)
        row = await self._connection.fetchrow(
            f"{_SELECT} WHERE id = $1{bounds} FOR NO KEY UPDATE", franchise_id, *values
        )
        return None if row is None else _franchise(row)

    async def replace(self, franchise: Franchise) -> None:
        """Store a changed franchise."""
        if await self._connection.execute(_UPDATE, *_row(franchise)) != "UPDATE 1":
            raise LookupError(f"there is no franchise {franchise.id}")


class PostgresFranchiseReader(FranchiseReader):
    """Committed franchises."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def get(self, franchise_id: UUID, scope: Scope = EVERYTHING) -> Franchise | None:
        """Return a franchise."""
        bounds, values = zone_bounds(scope, "id", used=1)
        row = await self._database.fetchrow(
            f"{_SELECT} WHERE id = $1{bounds}", franchise_id, *values
        )
        return None if row is None else _franchise(row)

    async def page(
        self,
        wanted: FranchiseFilter,
        request: PageRequest[FranchiseOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Franchise]:
        """Return a page of franchises; names sort by their folded form."""
        column = _COLUMNS[request.order]
        query = PageQuery(_SELECT, "franchises")
        query.where("status = {}", wanted.status and wanted.status.value)
        query.where_within(zone_bounds, scope, "id")
        rows = await self._database.fetch(query.text(column, request), *query.args)
        return Page(
            tuple(map(_franchise, rows[: request.limit])),
            query.next_after(rows, column, request),
        )


def _row(franchise: Franchise) -> tuple[object, ...]:
    return (
        franchise.id,
        franchise.name,
        fold_name(franchise.name),
        franchise.time_zone,
        franchise.status.value,
        franchise.version,
        franchise.created_at,
        franchise.updated_at,
        franchise.certificate_names and franchise.certificate_names.value,
    )


def _franchise(row: asyncpg.Record) -> Franchise:
    shown: str | None = row["certificate_names"]
    return Franchise(
        id=row["id"],
        name=row["name"],
        time_zone=row["time_zone"],
        status=FranchiseStatus(row["status"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        certificate_names=None if shown is None else NameDisplay(shown),
    )
