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

# One of the same edition is written over by itself, so that it is returned: its content stays
# where it is.
_KEEP = """
    INSERT INTO certificate_documents AS kept (certificate_id, edition, content, rendered_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (certificate_id) DO UPDATE
    SET edition = excluded.edition,
        content = CASE WHEN kept.edition = excluded.edition THEN kept.content
            ELSE excluded.content END,
        rendered_at = CASE WHEN kept.edition = excluded.edition THEN kept.rendered_at
            ELSE excluded.rendered_at END
    RETURNING certificate_id, edition, content, rendered_at
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

    async def keep(self, document: CertificateDocument) -> CertificateDocument:
        """Keep the document of a certificate, unless one of its edition is kept."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                _KEEP,
                document.certificate_id,
                document.edition,
                document.content,
                document.rendered_at,
            )
        assert row is not None
        return CertificateDocument(*row)
