"""How a document comes to whoever asks for it: kept, or rendered now."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from urllib.parse import quote
from uuid import UUID

import msgspec
from msgspec import Struct

from muster.domain.certificates import Certificate, CertificateStatus
from muster.plugin_api import DISPATCHER, Caller, PortLookup
from muster.plugin_api.commands import GetCertificate, NamedCertificate
from muster.ports.certificate_documents import (
    CERTIFICATE_DOCUMENTS,
    CERTIFICATE_RENDERER,
    CertificateDocument,
    CertificateFacts,
)
from muster.ports.clock import CLOCK
from muster_documents.errors import CertificateNotInForce, CertificateSuspended
from muster_documents.settings import DocumentsSettings

__all__ = ["Documents", "WantedDocument", "edition_of"]

_HASH_BYTES = 16


class WantedDocument(Struct, frozen=True):
    """A document that may be handed out.

    Attributes:
        certificate_id: Whose it is.
        facts: What it says.
        edition: Names these facts.
    """

    certificate_id: UUID
    facts: CertificateFacts
    edition: str


class Documents:
    """The documents of one app."""

    def __init__(self, ports: PortLookup, settings: DocumentsSettings) -> None:
        """Work on an app's ports, by these settings."""
        self._dispatcher = ports.get(DISPATCHER)
        self._kept = ports.get(CERTIFICATE_DOCUMENTS)
        self._renderer = ports.get(CERTIFICATE_RENDERER)
        self._clock = ports.get(CLOCK)
        self._settings = settings

    async def wanted(self, number: str, caller: Caller) -> WantedDocument:
        """Return what a document is to say, for whoever may read the certificate.

        Args:
            number: However it is written.
            caller: Who asks.

        Raises:
            CertificateNumberInvalid: The text is no certificate number.
            NotFound: Nobody has it, or it lies outside the caller's scope.
            CertificateSuspended: It is worth nothing at present.
            CertificateNotInForce: It was revoked or superseded.
        """
        named = await self._dispatcher.dispatch(GetCertificate(number), caller)
        _refuse_worthless(named.certificate)
        facts = self._facts(named)
        return WantedDocument(named.certificate.id, facts, edition_of(facts))

    async def content(self, wanted: WantedDocument) -> bytes:
        """Return the document, as it was handed out before where it says the same.

        One that is not there, since its job has yet to run or has failed, is rendered: that
        takes no longer than to say that it is not there.
        """
        kept = await self._kept.get(wanted.certificate_id)
        if kept is not None and kept.edition == wanted.edition:
            return kept.content
        content = await asyncio.to_thread(self._renderer.render, wanted.facts)
        rendered = CertificateDocument(
            wanted.certificate_id, wanted.edition, content, self._clock.now()
        )
        return (await self._kept.keep(rendered)).content

    def _facts(self, named: NamedCertificate) -> CertificateFacts:
        certificate, settings = named.certificate, self._settings
        number = quote(certificate.number, safe="")
        return CertificateFacts(
            number=certificate.number,
            student_name=certificate.student_name,
            course=settings.course_titles.get(certificate.course_id, str(certificate.course_id)),
            booking=named.booking_reference or str(certificate.booking_id),
            company=named.company,
            franchise=named.franchise,
            issued_on=certificate.issued_on,
            issued_at=certificate.created_at,
            verification_url=settings.verification_link.replace("{number}", number),
        )


def _refuse_worthless(certificate: Certificate) -> None:
    if certificate.status is CertificateStatus.SUSPENDED:
        raise CertificateSuspended("The certificate is suspended.")
    if not certificate.in_force:
        raise CertificateNotInForce(f"The certificate is {certificate.status.value.lower()}.")


def edition_of(facts: CertificateFacts) -> str:
    """Return what names these facts: as long as it is the same, what was rendered stays."""
    return blake2b(msgspec.json.encode(facts), digest_size=_HASH_BYTES).hexdigest()
