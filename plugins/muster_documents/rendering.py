"""The job that renders a certificate's document before somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from muster.domain.certificates import CertificateStatus
from muster.domain.events import (
    CertificateIssued,
    CertificateReissued,
    CertificateRestored,
    Event,
)
from muster.plugin_api import Dispatches, Job, JobType, Permission, PortLookup
from muster.ports.certificates import CERTIFICATE_READER
from muster_documents.documents import Documents
from muster_documents.errors import CertificateNotInForce, CertificateSuspended
from muster_documents.settings import DocumentsSettings

__all__ = ["OfCertificate", "rendering"]


class OfCertificate(Struct, frozen=True):
    """The document of one certificate."""

    certificate_id: UUID


def rendering(settings: DocumentsSettings) -> JobType[OfCertificate]:
    """Return the job type.

    Args:
        settings: Of the plugin.
    """

    async def render(
        job: Job[OfCertificate], ports: PortLookup, dispatcher: Dispatches
    ) -> dict[str, int]:
        certificate = await ports.get(CERTIFICATE_READER).get(job.payload.certificate_id)
        if certificate is None:
            return {"rendered": 0}
        documents = Documents(ports, settings)
        try:
            wanted = await documents.wanted(certificate.number, job.caller)
        except (CertificateSuspended, CertificateNotInForce):
            # Once it is valid again, that asks anew.
            return {"rendered": 0}
        await documents.content(wanted)
        return {"rendered": 1}

    return JobType(
        name="render-certificate",
        payload=OfCertificate,
        handle=render,
        permissions=frozenset({Permission.CERTIFICATES_READ}),
        asked_by=_valid,
        unique_key=lambda payload: str(payload.certificate_id),
        queue="documents",
    )


def _valid(event: Event) -> Sequence[OfCertificate]:
    """Return the certificate that an event makes valid."""
    match event:
        case CertificateIssued(certificate_id=certificate_id):
            return [OfCertificate(certificate_id)]
        case CertificateRestored(certificate_id=certificate_id):
            return [OfCertificate(certificate_id)]
        case CertificateReissued(certificate_id=certificate_id, status=CertificateStatus.VALID):
            return [OfCertificate(certificate_id)]
    return ()
