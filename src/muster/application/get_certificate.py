"""The query for one certificate, with the names that stand on it."""

from __future__ import annotations

from msgspec import Struct

from muster.application.access import Permission
from muster.application.errors import NotFound
from muster.application.read_certificates import Issuer, franchise_of
from muster.application.use_case import QueryCase, Request
from muster.domain.certificate_numbers import read_certificate_number
from muster.domain.certificates import Certificate
from muster.domain.scopes import Scope
from muster.ports.bookings import BookingReader
from muster.ports.certificates import CertificateReader
from muster.ports.franchises import FranchiseReader

__all__ = ["GetCertificate", "GetsCertificate", "NamedCertificate"]


class NamedCertificate(Struct, frozen=True):
    """A certificate, and what those are called who stand on it.

    Attributes:
        certificate: As it is now.
        company: The company's name.
        franchise: The name of the franchise that issued it; ``None`` where the company did.
        booking_reference: The client's own name for the booking, if it has one.
    """

    certificate: Certificate
    company: str
    franchise: str | None
    booking_reference: str | None


class GetCertificate(Request[NamedCertificate], frozen=True):
    """Show a certificate; the number may be written in any way."""

    number: str


class GetsCertificate(QueryCase[GetCertificate]):
    """Shows a certificate to whoever sees its booking."""

    handles = GetCertificate
    permission = Permission.CERTIFICATES_READ

    def __init__(
        self,
        certificates: CertificateReader,
        bookings: BookingReader,
        franchises: FranchiseReader,
        company: Issuer,
    ) -> None:
        """Read from these, for this company."""
        self._certificates = certificates
        self._bookings = bookings
        self._franchises = franchises
        self._company = company

    async def answer(self, query: GetCertificate, scope: Scope) -> NamedCertificate:
        """Return the certificate with its names.

        Raises:
            CertificateNumberInvalid: The text is no certificate number.
            NotFound: Nobody has it, or it lies outside the scope.
        """
        number = read_certificate_number(query.number)
        certificate = await self._certificates.by_number(number, scope)
        if certificate is None:
            raise NotFound("certificate", number)
        booking = await self._bookings.get(certificate.booking_id, scope)
        franchise = await franchise_of(certificate, self._franchises)
        return NamedCertificate(
            certificate=certificate,
            company=self._company.name,
            franchise=None if franchise is None else franchise.name,
            booking_reference=None if booking is None else booking.purchase.booking_reference,
        )
