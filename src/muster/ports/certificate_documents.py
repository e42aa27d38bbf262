"""The ports for certificates as documents: what writes them, and what keeps them."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from muster.ports.keys import PortKey

__all__ = [
    "CERTIFICATE_DOCUMENTS",
    "CERTIFICATE_RENDERER",
    "CertificateDocument",
    "CertificateDocuments",
    "CertificateFacts",
    "CertificateRenderer",
]


class CertificateFacts(Struct, frozen=True):
    """All that a certificate's document says; texts are shown as they are, never as markup.

    Attributes:
        number: In its one written form.
        student_name: Whom it is for, in any script.
        course: What the course is called.
        booking: What the booking is called.
        company: The company's name.
        franchise: The name of the franchise that issued it; ``None`` where the company did.
        issued_on: Local day of issue.
        issued_at: UTC instant of issue.
        verification_url: Where anybody sees what the certificate is worth.
    """

    number: str
    student_name: str
    course: str
    booking: str
    company: str
    franchise: str | None
    issued_on: date
    issued_at: datetime
    verification_url: str


class CertificateRenderer(Protocol):
    """Writes certificates as PDF."""

    @abstractmethod
    def render(self, facts: CertificateFacts) -> bytes:
        """Return the document of a certificate. A query.

        The same facts give the same bytes, in every process. Whatever a text holds, there is a
        document of one page: a sign for which there is no font is shown as a box. It works for
        milliseconds and waits for nothing, so it belongs into a thread; several may run at once.
        """


class CertificateDocument(Struct, frozen=True):
    """A document as it is handed out.

    Attributes:
        certificate_id: Whose it is.
        edition: Names the facts that it says; others have another one.
        content: The PDF.
        rendered_at: UTC instant.
    """

    certificate_id: UUID
    edition: str
    content: bytes
    rendered_at: datetime


class CertificateDocuments(Protocol):
    """Keeps the document of each certificate, for every server.

    Every method may raise ``DatabaseUnavailable``.
    """

    @abstractmethod
    async def get(self, certificate_id: UUID) -> CertificateDocument | None:
        """Return the document of a certificate, of whatever edition. A query."""

    @abstractmethod
    async def keep(self, document: CertificateDocument) -> CertificateDocument:
        """Keep the document of a certificate that is stored. A command, idempotent.

        One of the same edition stays as it is, so that what was handed out once is handed out
        again; one of another edition is replaced.

        Returns:
            What is kept: the one of the same edition that was there, else this one.
        """


CERTIFICATE_RENDERER = PortKey("certificate_renderer", CertificateRenderer)
CERTIFICATE_DOCUMENTS = PortKey("certificate_documents", CertificateDocuments)
