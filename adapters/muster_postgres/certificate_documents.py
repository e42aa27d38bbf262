"""Certificates as documents, in PostgreSQL."""

from __future__ import annotations

from uuid import UUID

from muster.ports.certificate_documents import CertificateDocument, CertificateDocuments
from muster_postgres.database import Database

__all__ = ["PostgresCertificateDocuments"]

_GET = """
    SELECT certificate_id, edition, content, rendered_at
    FROM certificate_documents WHERE certificate_id = $1
"""

_KEEP = """
    INSERT INTO certificate_documents AS kept (certificate_id, edition, content, rendered_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (certificate_id) DO UPDATE
    SET edition = excluded.edition, content = excluded.content, rendered_at = excluded.rendered_at
    WHERE kept.edition <> excluded.edition
"""


class PostgresCertificateDocuments(CertificateDocuments):
    """Keeps the document of each certificate in a row of its own."""

    def __init__(self, database: Database) -> None:
        """Keep them in a database."""
        self._database = database

    async def get(self, certificate_id: UUID) -> CertificateDocument | None:
        """Return the document of a certificate."""
        row = await self._database.fetchrow(_GET, certificate_id)
        return None if row is None else CertificateDocument(*row)

    async def keep(self, document: CertificateDocument) -> None:
        """Keep the document of a certificate, unless one of its edition is kept."""
        async with self._database.connection() as connection:
            await connection.execute(
                _KEEP,
                document.certificate_id,
                document.edition,
                document.content,
                document.rendered_at,
            )
