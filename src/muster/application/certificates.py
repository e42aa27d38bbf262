"""Issue certificates, revoke them, issue them anew; suspend and restore them with completions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from muster.application.access import Permission
from muster.application.booking_changes import booking_of
from muster.application.certificate_numbers import draw_certificate_number
from muster.application.deeds import change_between
from muster.application.errors import NotFound
from muster.application.identifiers import Identifiers
from muster.application.use_case import Deed, DirectCommandCase, Request, Work
from muster.domain.bookings import Booking
from muster.domain.certificate_numbers import read_certificate_number
from muster.domain.certificates import (
    SESSIONS_TO_EARN,
    Certificate,
    day_of_issue,
    has_earned,
    issued,
    restored,
    revoked,
    students_to_certify,
    successor_of,
    superseded,
    suspended,
)
from muster.domain.errors import IllegalState
from muster.domain.events import (
    CertificateIssued,
    CertificateReissued,
    CertificateRestored,
    CertificateRevoked,
    CertificateSuspended,
)
from muster.ports.entropy import Entropy

__all__ = [
    "CertificateIssuance",
    "IssueCertificates",
    "IssuesCertificates",
    "ReissueCertificate",
    "ReissuesCertificate",
    "RevokeCertificate",
    "RevokesCertificate",
    "restore_certificates",
    "suspend_certificates",
]


class IssueCertificates(Request[tuple[Certificate, ...]], frozen=True):
    """Issue a certificate for each student of a booking who never had one."""

    booking_id: UUID


class RevokeCertificate(Request[Certificate], frozen=True):
    """Revoke a certificate for ever; the number may be written in any way that can be read."""

    number: str
    reason: str


class ReissueCertificate(Request[Certificate], frozen=True):
    """Issue a certificate in another one's place; the number may be written in any way."""

    number: str
    reason: str


class CertificateIssuance:
    """Stores new certificates under numbers that nobody has."""

    def __init__(self, identifiers: Identifiers, entropy: Entropy) -> None:
        """Draw from these.

        Args:
            identifiers: For the certificates' ids.
            entropy: For their numbers; a cryptographic source.
        """
        self._identifiers = identifiers
        self._entropy = entropy

    def new_id(self) -> UUID:
        """Return an id for a certificate."""
        return self._identifiers.new()

    async def store(
        self, booking: Booking, work: Work, numbered: Callable[[str], Certificate]
    ) -> Certificate:
        """Store a certificate of a locked booking, and return it.

        Args:
            booking: Whose it is.
            work: The run of the use case.
            numbered: Makes the certificate with a number.

        Raises:
            CertificateNumbersExhausted: Every drawn number was taken.
        """

        async def reserve(number: str) -> bool:
            return await work.unit.certificates.add(numbered(number))

        day = day_of_issue(booking, work.now)
        return numbered(await draw_certificate_number(day, self._entropy, reserve))


class IssuesCertificates(DirectCommandCase[IssueCertificates]):
    """Issues what a booking has earned, once for each student however often it runs."""

    handles = IssueCertificates
    permission = Permission.CERTIFICATES_ISSUE

    def __init__(self, issuance: CertificateIssuance) -> None:
        """Store new certificates by this."""
        self._issuance = issuance

    async def perform(
        self, command: IssueCertificates, prepared: None, work: Work
    ) -> tuple[Certificate, ...]:
        """Store the missing certificates; return all of the booking, oldest first."""
        booking = await booking_of(command.booking_id, work)
        if not has_earned(booking):
            raise IllegalState(
                f"Certificates are earned by {SESSIONS_TO_EARN} completed sessions of a course "
                f"of {SESSIONS_TO_EARN}."
            )
        known = await work.unit.certificates.of_booking(booking.id)
        missing = students_to_certify(booking, known)
        for student in missing:
            numbered = partial(issued, booking, student, self._issuance.new_id(), work.now)
            certificate = await self._issuance.store(booking, work, numbered)
            work.record(CertificateIssued(*_ids(certificate)), _deed(None, certificate))
        return await work.unit.certificates.of_booking(booking.id) if missing else known


class RevokesCertificate(DirectCommandCase[RevokeCertificate]):
    """Revokes a certificate; a second time changes nothing, whatever the reason."""

    handles = RevokeCertificate
    permission = Permission.CERTIFICATES_REVOKE

    async def perform(self, command: RevokeCertificate, prepared: None, work: Work) -> Certificate:
        """Store the revoked certificate."""
        _, before = await _certificate_of(command.number, work)
        after = revoked(before, command.reason, work.now)
        if after is before:
            return before
        await work.unit.certificates.replace([after])
        work.record(CertificateRevoked(*_ids(after)), _deed(before, after))
        return after


class ReissuesCertificate(DirectCommandCase[ReissueCertificate]):
    """Issues a certificate in the place of one that is valid, suspended or revoked."""

    handles = ReissueCertificate
    permission = Permission.CERTIFICATES_REVOKE

    def __init__(self, issuance: CertificateIssuance) -> None:
        """Store new certificates by this."""
        self._issuance = issuance

    async def perform(self, command: ReissueCertificate, prepared: None, work: Work) -> Certificate:
        """Take the old one out of force, store the new one, and return that."""
        booking, before = await _certificate_of(command.number, work)
        new_id = self._issuance.new_id()
        after = superseded(before, new_id, work.now)
        await work.unit.certificates.replace([after])
        numbered = partial(successor_of, before, booking, new_id, command.reason, work.now)
        successor = await self._issuance.store(booking, work, numbered)
        event = CertificateReissued(
            certificate_id=successor.id,
            superseded_id=after.id,
            booking_id=booking.id,
            student_id=successor.student_id,
            status=successor.status,
        )
        work.record(event, _deed(None, successor))
        work.deeds.append(_deed(before, after))
        return successor


async def suspend_certificates(booking: Booking, work: Work) -> None:
    """Suspend a booking's valid certificates, because one of its completions was voided.

    Args:
        booking: Locked by this unit.
        work: The run of the use case that voids.
    """
    known = await work.unit.certificates.of_booking(booking.id)
    await _store(known, suspended(known, work.now), CertificateSuspended, work)


async def restore_certificates(booking: Booking, work: Work) -> None:
    """Lift the suspension of a booking's certificates once all 30 are completed again.

    Args:
        booking: As it is after a completion was restored; locked by this unit.
        work: The run of the use case that restores.
    """
    if not has_earned(booking):
        return
    known = await work.unit.certificates.of_booking(booking.id)
    await _store(known, restored(booking, known, work.now), CertificateRestored, work)


async def _store(
    known: Sequence[Certificate],
    changed: Sequence[Certificate],
    event: type[CertificateSuspended | CertificateRestored],
    work: Work,
) -> None:
    if not changed:
        return
    await work.unit.certificates.replace(changed)
    before = {one.id: one for one in known}
    for certificate in changed:
        work.record(event(*_ids(certificate)), _deed(before[certificate.id], certificate))


async def _certificate_of(written: str, work: Work) -> tuple[Booking, Certificate]:
    """Return the certificate of a number and its booking, which is locked first.

    Raises:
        CertificateNumberInvalid: The text is no certificate number.
        NotFound: Nobody has it.
    """
    number = read_certificate_number(written)
    booking_id = await work.unit.certificates.booking_of(number)
    if booking_id is None:
        raise NotFound("certificate", number)
    booking = await booking_of(booking_id, work)
    known = await work.unit.certificates.of_booking(booking_id)
    return booking, next(one for one in known if one.number == number)


def _ids(certificate: Certificate) -> tuple[UUID, UUID, UUID]:
    return certificate.id, certificate.booking_id, certificate.student_id


def _deed(before: Certificate | None, after: Certificate) -> Deed:
    return Deed(
        subject_kind="certificate",
        subject_id=after.id,
        franchise_id=after.franchise_id,
        change=change_between(
            None if before is None else _audited(before),
            _audited(after),
            bookingId=str(after.booking_id),
        ),
    )


def _audited(certificate: Certificate) -> dict[str, Any]:
    return {
        "status": certificate.status.value,
        "version": certificate.version,
        "supersedes": certificate.supersedes and str(certificate.supersedes),
        "supersededBy": certificate.superseded_by and str(certificate.superseded_by),
    }
