"""Certificates as everybody, and as the operator, sees them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.application.read_certificates import VerifiedCertificate
from muster.domain.certificates import Certificate, CertificateStatus
from muster.domain.zones import Operator, operator_of
from muster.http.shapes.fields import Reason

__all__ = [
    "CertificateReason",
    "CertificateShape",
    "IssuerShape",
    "VerifiedShape",
    "certificate_shape",
    "verified_shape",
]


class CertificateReason(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a certificate is revoked or issued anew."""

    reason: Reason


class IssuerShape(Struct, frozen=True, rename="camel"):
    """Who issued a certificate."""

    operator: Operator
    franchise_id: UUID | None
    name: str


class VerifiedShape(Struct, frozen=True, rename="camel"):
    """What everybody may know of a certificate.

    The student's name is shown as far as the issuer allows; ``supersededBy`` is the number
    of the certificate in its place.
    """

    number: str
    status: CertificateStatus
    course_id: UUID
    issued_on: date
    issuer: IssuerShape
    student_name: str | None
    superseded_by: str | UnsetType = UNSET


class CertificateShape(Struct, frozen=True, rename="camel"):
    """A certificate; ``supersedes`` and ``supersededBy`` are ids of others."""

    id: UUID
    number: str
    status: CertificateStatus
    booking_id: UUID
    student_id: UUID
    student_name: str
    course_id: UUID
    franchise_id: UUID | None
    issued_on: date
    revocation_reason: str | None
    supersedes: UUID | None
    reissue_reason: str | None
    superseded_by: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


def verified_shape(verified: VerifiedCertificate) -> VerifiedShape:
    """Show what everybody may know."""
    franchise_id = verified.franchise_id
    return VerifiedShape(
        number=verified.number,
        status=verified.status,
        course_id=verified.course_id,
        issued_on=verified.issued_on,
        issuer=IssuerShape(operator_of(franchise_id), franchise_id, verified.issuer_name),
        student_name=verified.student_name,
        superseded_by=verified.superseded_by or UNSET,
    )


def certificate_shape(certificate: Certificate) -> CertificateShape:
    """Show a certificate to the operator."""
    return CertificateShape(
        id=certificate.id,
        number=certificate.number,
        status=certificate.status,
        booking_id=certificate.booking_id,
        student_id=certificate.student_id,
        student_name=certificate.student_name,
        course_id=certificate.course_id,
        franchise_id=certificate.franchise_id,
        issued_on=certificate.issued_on,
        revocation_reason=certificate.revocation_reason,
        supersedes=certificate.supersedes,
        reissue_reason=certificate.reissue_reason,
        superseded_by=certificate.superseded_by,
        version=certificate.version,
        created_at=certificate.created_at,
        updated_at=certificate.updated_at,
    )
