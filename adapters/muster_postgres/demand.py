"""Unserved demand in PostgreSQL."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from muster.domain.demand import MOST_COURSES, CourseDemand, Demand, GridCell
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.demand import DemandFilter, DemandOrder, DemandReader
from muster.ports.paging import Page, PageRequest, Position
from muster_postgres.database import Database

__all__ = ["DEMAND", "PostgresDemandReader"]

_NOWHERE = UUID(int=0)

# First the groups of all that is wanted, from the index alone; then the wide rows and the
# names, for the bookings and zones of one page. Rows and columns are those of
# domain.demand.GridCell.
DEMAND = """
    WITH unserved AS MATERIALIZED (
        SELECT id, course_id, created_at, nearest_zone_metres AS metres,
            coalesce(nearest_zone_id, $1) AS nearest_id,
            least(floor(latitude * $2::integer)::integer, 90 * $2 - 1) AS grid_row,
            CASE floor(longitude * $2)::integer WHEN 180 * $2 THEN -180 * $2
                ELSE floor(longitude * $2)::integer END AS grid_column
        FROM bookings
        WHERE status = 'SERVICE_NOT_AVAILABLE'
            AND ($3::timestamptz IS NULL OR created_at >= $3)
            AND ($4::timestamptz IS NULL OR created_at <= $4)
            AND ($5::uuid IS NULL OR course_id = $5)
            AND ($6::uuid IS NULL OR nearest_zone_id = $6)
            AND ($13::uuid IS NULL OR nearest_zone_id IN (
                SELECT id FROM zones WHERE franchise_id = $13
            ))
    ),
    page AS MATERIALIZED (
        SELECT nearest_id, grid_row, grid_column, count(*)::integer AS made,
            min(metres) AS nearest_metres, avg(metres) AS mean_metres,
            min(created_at) AS first_at, max(created_at) AS last_at
        FROM unserved
        GROUP BY nearest_id, grid_row, grid_column
        HAVING $7::integer IS NULL
            OR (count(*), grid_row, grid_column, nearest_id) {beyond} ($7, $8, $9, $10)
        ORDER BY made {order}, grid_row {order}, grid_column {order}, nearest_id {order}
        LIMIT $11
    ),
    students AS (
        SELECT nearest_id, grid_row, grid_column,
            count(DISTINCT student ->> 'id')::integer AS students
        FROM page JOIN unserved USING (nearest_id, grid_row, grid_column)
        JOIN bookings USING (id)
        CROSS JOIN jsonb_array_elements(bookings.students) AS student
        GROUP BY nearest_id, grid_row, grid_column
    ),
    courses AS (
        SELECT nearest_id, grid_row, grid_column,
            (array_agg(course_id ORDER BY wanted DESC, course_id))[:$12] AS course_ids,
            (array_agg(wanted ORDER BY wanted DESC, course_id))[:$12] AS course_counts
        FROM (
            SELECT nearest_id, grid_row, grid_column, unserved.course_id, count(*) AS wanted
            FROM page JOIN unserved USING (nearest_id, grid_row, grid_column)
            GROUP BY nearest_id, grid_row, grid_column, unserved.course_id
        ) AS counted
        GROUP BY nearest_id, grid_row, grid_column
    )
    SELECT page.*, zones.name AS zone_name, coalesce(students, 0) AS students, course_ids,
        course_counts
    FROM page
    JOIN courses USING (nearest_id, grid_row, grid_column)
    LEFT JOIN students USING (nearest_id, grid_row, grid_column)
    LEFT JOIN zones ON zones.id = page.nearest_id
    ORDER BY made {order}, grid_row {order}, grid_column {order}, page.nearest_id {order}
"""
"""A page of groups, to be completed with the order; public for those who look how it is run."""

_ASCENDING = DEMAND.format(beyond=">", order="ASC")
_DESCENDING = DEMAND.format(beyond="<", order="DESC")


class PostgresDemandReader(DemandReader):
    """Groups committed bookings that no zone serves."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def page(
        self,
        wanted: DemandFilter,
        request: PageRequest[DemandOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Demand]:
        """Return a page of groups."""
        if scope.trainer_id is not None or scope.client_id is not None:
            return Page((), None)
        rows = await self._database.fetch(
            _DESCENDING if request.descending else _ASCENDING,
            _NOWHERE,
            wanted.size.cells_a_degree,
            wanted.made_from,
            wanted.made_to,
            wanted.course_id,
            wanted.zone_id,
            *_seen(request.after),
            request.limit + 1,
            MOST_COURSES,
            scope.franchise_id,
        )
        shown = rows[: request.limit]
        more = len(rows) > request.limit
        return Page(tuple(map(_demand, shown)), _position(shown[-1]) if more else None)


def _seen(after: Position | None) -> tuple[object, ...]:
    if after is None:
        return (None,) * 4
    assert isinstance(after.value, tuple), "a position of this list has a DemandPlace"
    return (*after.value, after.id)


def _demand(row: asyncpg.Record) -> Demand:
    zone_id = row["nearest_id"]
    return Demand(
        zone_id=None if zone_id == _NOWHERE else zone_id,
        zone_name=row["zone_name"],
        cell=GridCell(row["grid_row"], row["grid_column"]),
        bookings=row["made"],
        students=row["students"],
        courses=tuple(map(CourseDemand, row["course_ids"], row["course_counts"])),
        nearest_metres=row["nearest_metres"],
        mean_metres=row["mean_metres"],
        first_at=row["first_at"],
        last_at=row["last_at"],
    )


def _position(row: asyncpg.Record) -> Position:
    return Position((row["made"], row["grid_row"], row["grid_column"]), row["nearest_id"])
