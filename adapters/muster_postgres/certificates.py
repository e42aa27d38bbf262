"""Certificates in PostgreSQL: the repository and the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from muster.domain.certificates import Certificate, CertificateStatus
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.certificates import CertificateOrder, CertificateReader, CertificateRepository
from muster.ports.paging import Page, PageRequest
from muster_postgres.connection import PostgresConnection
from muster_postgres.database import Database
from muster_postgres.keyset import PageQuery
from muster_postgres.scoping import booking_bounds

__all__ = ["PostgresCertificateReader", "PostgresCertificates"]

_SELECT = """
    SELECT id, number, booking_id, student_id, student_name, course_id, franchise_id, issued_on,
        status, revocation_reason, supersedes, reissue_reason, superseded_by, version,
        created_at, updated_at
    FROM certificates
"""

_OF_BOOKING = f"{_SELECT} WHERE booking_id = $1 ORDER BY created_at, id"

# Only a taken number is passed over; whatever else is broken is told by its constraint.
_INSERT = """
    INSERT INTO certificates (id, number, booking_id, student_id, student_name, course_id,
        franchise_id, issued_on, status, revocation_reason, supersedes, reissue_reason,
        superseded_by, version, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (number) DO NOTHING
"""

_UPDATE = """
    UPDATE certificates AS certificate
    SET status = now.status, revocation_reason = now.revocation_reason,
        superseded_by = now.superseded_by, version = now.version, updated_at = now.updated_at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::integer[],
        $6::timestamptz[])
        AS now (id, status, revocation_reason, superseded_by, version, updated_at)
    WHERE certificate.id = now.id
"""

_COLUMNS = {CertificateOrder.CREATED_AT: "created_at"}


class PostgresCertificates(CertificateRepository):
    """Certificates within one unit of work."""

    def __init__(self, connection: PostgresConnection) -> None:
        """Work on the unit's connection."""
        self._connection = connection

    async def booking_of(self, number: str) -> UUID | None:
        """Return whose booking a number belongs to."""
        row = await self._connection.fetchrow(
            "SELECT booking_id FROM certificates WHERE number = $1", number
        )
        return None if row is None else row["booking_id"]

    async def of_booking(self, booking_id: UUID) -> tuple[Certificate, ...]:
        """Return all certificates of a locked booking, oldest first."""
        return tuple(map(_certificate, await self._connection.fetch(_OF_BOOKING, booking_id)))

    async def add(self, certificate: Certificate) -> bool:
        """Store a new certificate of a locked booking, unless its number is taken."""
        return await self._connection.execute(_INSERT, *_row(certificate)) == "INSERT 0 1"

    async def replace(self, certificates: Sequence[Certificate]) -> None:
        """Store changed certificates."""
        done = await self._connection.execute(
            _UPDATE,
            [one.id for one in certificates],
            [one.status.value for one in certificates],
            [one.revocation_reason for one in certificates],
            [one.superseded_by for one in certificates],
            [one.version for one in certificates],
            [one.updated_at for one in certificates],
        )
        if done != f"UPDATE {len(certificates)}":
            raise LookupError("one of these certificates is not there")


class PostgresCertificateReader(CertificateReader):
    """Committed certificates."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def by_number(self, number: str, scope: Scope = EVERYTHING) -> Certificate | None:
        """Return the certificate of a number."""
        bounds, values = _of_visible_booking(scope, "certificates", used=1)
        row = await self._database.fetchrow(f"{_SELECT} WHERE number = $1{bounds}", number, *values)
        return None if row is None else _certificate(row)

    async def get(self, certificate_id: UUID) -> Certificate | None:
        """Return a certificate."""
        row = await self._database.fetchrow(f"{_SELECT} WHERE id = $1", certificate_id)
        return None if row is None else _certificate(row)

    async def of_booking(
        self, booking_id: UUID, scope: Scope = EVERYTHING
    ) -> tuple[Certificate, ...]:
        """Return all certificates of a booking, oldest first."""
        bounds, values = _of_visible_booking(scope, "certificates", used=1)
        rows = await self._database.fetch(
            f"{_SELECT} WHERE booking_id = $1{bounds} ORDER BY created_at, id", booking_id, *values
        )
        return tuple(map(_certificate, rows))

    async def of_student(
        self,
        student_id: UUID,
        request: PageRequest[CertificateOrder],
        scope: Scope = EVERYTHING,
    ) -> Page[Certificate]:
        """Return a page of the certificates of a student."""
        column = _COLUMNS[request.order]
        query = PageQuery(_SELECT, "certificates")
        query.where("student_id = {}", student_id)
        query.where_within(_of_visible_booking, scope, "certificates")
        rows = await self._database.fetch(query.text(column, request), *query.args)
        return Page(
            tuple(map(_certificate, rows[: request.limit])),
            query.next_after(rows, column, request),
        )


def _row(certificate: Certificate) -> tuple[object, ...]:
    return (
        certificate.id,
        certificate.number,
        certificate.booking_id,
        certificate.student_id,
        certificate.student_name,
        certificate.course_id,
        certificate.franchise_id,
        certificate.issued_on,
        certificate.status.value,
        certificate.revocation_reason,
        certificate.supersedes,
        certificate.reissue_reason,
        certificate.superseded_by,
        certificate.version,
        certificate.created_at,
        certificate.updated_at,
    )


def _certificate(row: asyncpg.Record) -> Certificate:
    return Certificate(**{**row, "status": CertificateStatus(row["status"])})


def _of_visible_booking(scope: Scope, table: str, used: int) -> tuple[str, list[Any]]:
    conditions, values = booking_bounds(scope, "earned", used)
    if not conditions:
        return "", []
    return (
        f" AND EXISTS (SELECT FROM bookings AS earned WHERE earned.id = {table}.booking_id"
        f"{conditions})",
        values,
    )
