"""Routes for certificates: of everybody who verifies, of a booking, of a student."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from muster.application.certificates import (
    IssueCertificates,
    ReissueCertificate,
    RevokeCertificate,
)
from muster.application.read_certificates import (
    ListBookingCertificates,
    ListStudentCertificates,
    VerifyCertificate,
)
from muster.http.edge import HttpRequest, ask
from muster.http.identification import PUBLIC
from muster.http.shapes.certificates import (
    CertificateReason,
    CertificateShape,
    VerifiedShape,
    certificate_shape,
    verified_shape,
)
from muster.http.shapes.common import Listing, Nothing
from muster.http.shapes.fields import CertificateText, IdText, Limit
from muster.plugin_api.pages import Sorting, page_request, paged, whole
from muster.ports.certificates import CertificateOrder

__all__ = ["BookingCertificates", "Certificates", "StudentCertificates"]

_SORTING = Sorting(CertificateOrder, {CertificateOrder.CREATED_AT: datetime})
CertificateSort = Literal["createdAt", "-createdAt"]


class Certificates(Controller):
    """Proofs that all sessions of a course were completed."""

    path = "/v1/certificates/{number:str}"
    tags = ("Certificates",)

    @get(
        operation_id="verifyCertificate",
        summary="What is a certificate worth?",
        opt={PUBLIC: True},
    )
    async def verify(
        self, request: HttpRequest, number: FromPath[CertificateText]
    ) -> VerifiedShape:
        """Tell anyone, known or not, whether a certificate is valid, and what it is for.

        Case, hyphens and spaces of the number do not matter; O is 0, I and L are 1.
        """
        return verified_shape(await ask(request, VerifyCertificate(number)))

    @post(
        "/revoke",
        operation_id="revokeCertificate",
        summary="Revoke a certificate for ever",
        status_code=200,
    )
    async def revoke(
        self,
        request: HttpRequest,
        number: FromPath[CertificateText],
        data: JSONBody[CertificateReason],
    ) -> CertificateShape:
        """Revoke a certificate for ever; a second time changes nothing."""
        return certificate_shape(await ask(request, RevokeCertificate(number, data.reason)))

    @post("/reissue", operation_id="reissueCertificate", summary="Issue a certificate anew")
    async def reissue(
        self,
        request: HttpRequest,
        number: FromPath[CertificateText],
        data: JSONBody[CertificateReason],
    ) -> CertificateShape:
        """Issue a certificate in another one's place, under a number of its own."""
        return certificate_shape(await ask(request, ReissueCertificate(number, data.reason)))


class BookingCertificates(Controller):
    """The certificates that a booking has earned."""

    path = "/v1/bookings/{booking_id:str}/certificates"
    tags = ("Certificates",)

    @post(
        operation_id="issueCertificates",
        summary="Issue the certificates of a booking",
        status_code=200,
    )
    async def issue(
        self,
        request: HttpRequest,
        booking_id: FromPath[IdText],
        data: JSONBody[Nothing | None] = None,
    ) -> Listing[CertificateShape]:
        """Issue a certificate for each student who never had one; show all of the booking."""
        found = await ask(request, IssueCertificates(UUID(booking_id)))
        return whole(found, certificate_shape)

    @get(operation_id="listBookingCertificates", summary="List a booking's certificates")
    async def list(
        self, request: HttpRequest, booking_id: FromPath[IdText]
    ) -> Listing[CertificateShape]:
        """List all certificates of a booking, oldest first."""
        found = await ask(request, ListBookingCertificates(UUID(booking_id)))
        return whole(found, certificate_shape)


class StudentCertificates(Controller):
    """The certificates of a student, over all bookings."""

    path = "/v1/students/{student_id:str}/certificates"
    tags = ("Certificates",)

    @get(operation_id="listStudentCertificates", summary="List a student's certificates")
    async def list(
        self,
        request: HttpRequest,
        student_id: FromPath[IdText],
        sort: FromQuery[CertificateSort] = "createdAt",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[Limit] = 50,
    ) -> Listing[CertificateShape]:
        """List a student's certificates, page by page."""
        page = page_request(request, _SORTING, sort, cursor, limit)
        found = await ask(request, ListStudentCertificates(UUID(student_id), page))
        return paged(request, found, sort, limit, certificate_shape)
