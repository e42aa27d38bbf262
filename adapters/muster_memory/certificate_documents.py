"""Certificates as documents, in memory."""

from __future__ import annotations

from uuid import UUID

from muster.ports.certificate_documents import CertificateDocument, CertificateDocuments
from muster_memory.store import MemoryStore

__all__ = ["MemoryCertificateDocuments"]


class MemoryCertificateDocuments(CertificateDocuments):
    """Keeps the document of each certificate in a store."""

    def __init__(self, store: MemoryStore) -> None:
        """Keep them in a store."""
        self._store = store

    async def get(self, certificate_id: UUID) -> CertificateDocument | None:
        """Return the document of a certificate."""
        return self._store.documents.get(certificate_id)

    async def keep(self, document: CertificateDocument) -> CertificateDocument:
        """Keep the document of a certificate, unless one of its edition is kept."""
        kept = self._store.documents.get(document.certificate_id)
        if kept is not None and kept.edition == document.edition:
            return kept
        self._store.documents[document.certificate_id] = document
        return document
