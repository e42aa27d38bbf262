"""Queries about certificates: verifying a number, and the lists of a booking and a student."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from muster.application.access import Permission
from muster.application.errors import NotFound
from muster.application.use_case import QueryCase, Request
from muster.domain.certificate_names import NameDisplay, displayed_name
from muster.domain.certificate_numbers import read_certificate_number
from muster.domain.certificates import Certificate, CertificateStatus
from muster.domain.franchises import Franchise
from muster.domain.scopes import Scope
from muster.ports.bookings import BookingReader
from muster.ports.certificates import CertificateOrder, CertificateReader
from muster.ports.franchises import FranchiseReader
from muster.ports.paging import Page, PageRequest

__all__ = [
    "Issuer",
    "ListBookingCertificates",
    "ListStudentCertificates",
    "ListsBookingCertificates",
    "ListsStudentCertificates",
    "VerifiedCertificate",
    "VerifiesCertificate",
    "VerifyCertificate",
    "franchise_of",
]


class Issuer(Struct, frozen=True):
    """Who issues certificates: the company, or a franchise.

    Attributes:
        name: As certificates show it.
        certificate_names: How much of a student's name they show to everybody.
    """

    name: str
    certificate_names: NameDisplay


class VerifiedCertificate(Struct, frozen=True):
    """What everybody may know of a certificate.

    Attributes:
        number: In its one written form.
        status: What it is worth now.
        course_id: The course.
        issued_on: Local day of issue.
        franchise_id: The issuer; ``None`` is the company.
        issuer_name: The company's, or the franchise's.
        student_name: As much of it as the issuer shows; ``None`` for nothing.
        superseded_by: The number of the one in its place, if there is one.
    """

    number: str
    status: CertificateStatus
    course_id: UUID
    issued_on: date
    franchise_id: UUID | None
    issuer_name: str
    student_name: str | None
    superseded_by: str | None


class VerifyCertificate(Request[VerifiedCertificate], frozen=True):
    """Tell what a certificate is worth; the number may be written in any way."""

    number: str


class ListBookingCertificates(Request[tuple[Certificate, ...]], frozen=True):
    """List all certificates of a booking, oldest first."""

    booking_id: UUID


class ListStudentCertificates(Request[Page[Certificate]], frozen=True):
    """List the certificates of a student."""

    student_id: UUID
    page: PageRequest[CertificateOrder]


async def franchise_of(certificate: Certificate, franchises: FranchiseReader) -> Franchise | None:
    """Return the franchise that issued a certificate; ``None`` for the company."""
    if certificate.franchise_id is None:
        return None
    franchise = await franchises.get(certificate.franchise_id)
    if franchise is None:
        raise LookupError(f"there is no franchise {certificate.franchise_id}")
    return franchise


class VerifiesCertificate(QueryCase[VerifyCertificate]):
    """Tells everybody what a certificate is worth."""

    handles = VerifyCertificate
    permission = Permission.CERTIFICATES_VERIFY

    def __init__(
        self, certificates: CertificateReader, franchises: FranchiseReader, company: Issuer
    ) -> None:
        """Read from these, for this company."""
        self._certificates = certificates
        self._franchises = franchises
        self._company = company

    async def answer(self, query: VerifyCertificate, scope: Scope) -> VerifiedCertificate:
        """Return what everybody may know; a mistyped number is refused without a question.

        Raises:
            CertificateNumberInvalid: The text is no certificate number.
            NotFound: Nobody has it.
        """
        number = read_certificate_number(query.number)
        certificate = await self._certificates.by_number(number)
        if certificate is None:
            raise NotFound("certificate", number)
        issuer = await self._issuer_of(certificate)
        return VerifiedCertificate(
            number=certificate.number,
            status=certificate.status,
            course_id=certificate.course_id,
            issued_on=certificate.issued_on,
            franchise_id=certificate.franchise_id,
            issuer_name=issuer.name,
            student_name=displayed_name(certificate.student_name, issuer.certificate_names),
            superseded_by=await self._number_of(certificate.superseded_by),
        )

    async def _issuer_of(self, certificate: Certificate) -> Issuer:
        """Return the company, or the franchise with whatever it leaves to the company."""
        franchise = await franchise_of(certificate, self._franchises)
        if franchise is None:
            return self._company
        names = franchise.certificate_names or self._company.certificate_names
        return Issuer(franchise.name, names)

    async def _number_of(self, certificate_id: UUID | None) -> str | None:
        if certificate_id is None:
            return None
        successor = await self._certificates.get(certificate_id)
        return None if successor is None else successor.number


class ListsBookingCertificates(QueryCase[ListBookingCertificates]):
    """Lists a booking's certificates."""

    handles = ListBookingCertificates
    permission = Permission.CERTIFICATES_READ

    def __init__(self, certificates: CertificateReader, bookings: BookingReader) -> None:
        """Read from these readers."""
        self._certificates = certificates
        self._bookings = bookings

    async def answer(self, query: ListBookingCertificates, scope: Scope) -> tuple[Certificate, ...]:
        """Return the certificates."""
        if found := await self._certificates.of_booking(query.booking_id, scope):
            return found
        if await self._bookings.get(query.booking_id, scope) is None:
            raise NotFound("booking", query.booking_id)
        return ()


class ListsStudentCertificates(QueryCase[ListStudentCertificates]):
    """Lists a student's certificates."""

    handles = ListStudentCertificates
    permission = Permission.CERTIFICATES_READ

    def __init__(self, certificates: CertificateReader) -> None:
        """Read from this reader."""
        self._certificates = certificates

    async def answer(self, query: ListStudentCertificates, scope: Scope) -> Page[Certificate]:
        """Return the page."""
        return await self._certificates.of_student(query.student_id, query.page, scope)
