"""Certificates: proof for one student that all 30 sessions of a course were completed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import Enum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from muster.domain.bookings import Booking, Student
from muster.domain.errors import IllegalState
from muster.domain.local_time import local_of
from muster.domain.sessions import SessionStatus
from muster.domain.zones import Operator, operator_of

__all__ = [
    "SESSIONS_TO_EARN",
    "Certificate",
    "CertificateStatus",
    "day_of_issue",
    "has_earned",
    "issued",
    "restored",
    "revoked",
    "students_to_certify",
    "successor_of",
    "superseded",
    "suspended",
]

SESSIONS_TO_EARN = 30
"""How many sessions a booking has that earns certificates; all of them are completed."""


class CertificateStatus(Enum):
    """What a certificate is worth to whoever is shown it."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


_IN_FORCE = frozenset({CertificateStatus.VALID, CertificateStatus.SUSPENDED})


class Certificate(Struct, frozen=True):
    """One certificate, as it is now; its number and what it says of the course stay for ever.

    Attributes:
        id: UUIDv7.
        number: In its one written form; unique for ever.
        booking_id: The booking whose sessions earned it.
        student_id: Whom it is for; the client's own id.
        student_name: As the booking had it on the day of issue.
        course_id: The course.
        franchise_id: The issuer; ``None`` is the company.
        issued_on: Local day of issue in the booking's zone; stands in the number too.
        status: What it is worth.
        revocation_reason: Why it was revoked; ``None`` unless it was.
        supersedes: The certificate in whose place it was issued, if in one's place.
        reissue_reason: Why it was issued in another one's place; ``None`` unless it was.
        superseded_by: The certificate that was issued in its place, if one was.
        version: Grows by one with each change, from 1.
        created_at: UTC instant.
        updated_at: UTC instant.
    """

    id: UUID
    number: str
    booking_id: UUID
    student_id: UUID
    student_name: str
    course_id: UUID
    franchise_id: UUID | None
    issued_on: date
    status: CertificateStatus
    revocation_reason: str | None
    supersedes: UUID | None
    reissue_reason: str | None
    superseded_by: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def in_force(self) -> bool:
        """Whether it is neither revoked nor superseded: a student has one such at most."""
        return self.status in _IN_FORCE

    @property
    def operator(self) -> Operator:
        """Whether the company or a franchise issued it; follows from ``franchise_id``."""
        return operator_of(self.franchise_id)


def has_earned(booking: Booking) -> bool:
    """Return whether a booking's students have earned their certificates.

    All of 30 sessions are completed; a replaced one counts for nothing, since another one
    has its number. Bookings of 10 or 20 sessions earn none.
    """
    completed = {
        session.plan.number
        for session in booking.sessions
        if session.status is SessionStatus.COMPLETED
    }
    return booking.purchase.total_sessions == SESSIONS_TO_EARN == len(completed)


def students_to_certify(
    booking: Booking, certificates: Iterable[Certificate]
) -> tuple[Student, ...]:
    """Return the students who were never issued a certificate, in the booking's order.

    Whose certificate was revoked gets another one by a re-issue only.

    Args:
        booking: Which has earned them.
        certificates: All of this booking, whatever their state.
    """
    certified = {certificate.student_id for certificate in certificates}
    return tuple(one for one in booking.purchase.students if one.id not in certified)


def day_of_issue(booking: Booking, now: datetime) -> date:
    """Return the local date of an instant in the booking's zone.

    Raises:
        IllegalState: No zone serves the booking, so it has no sessions to earn anything by.
    """
    if booking.zone is None:
        raise IllegalState("A booking that no zone serves earns no certificates.")
    return local_of(now, ZoneInfo(booking.zone.time_zone)).date()


def issued(
    booking: Booking, student: Student, id_: UUID, now: datetime, number: str
) -> Certificate:
    """Return a new, valid certificate.

    Args:
        booking: Which has earned it.
        student: Whom it is for; one of the booking's.
        id_: Its id.
        now: UTC instant of issue.
        number: Its own number, of the day of issue.
    """
    return Certificate(
        id=id_,
        number=number,
        booking_id=booking.id,
        student_id=student.id,
        student_name=student.name,
        course_id=booking.purchase.course_id,
        franchise_id=booking.franchise_id,
        issued_on=day_of_issue(booking, now),
        status=CertificateStatus.VALID,
        revocation_reason=None,
        supersedes=None,
        reissue_reason=None,
        superseded_by=None,
        version=1,
        created_at=now,
        updated_at=now,
    )


def suspended(certificates: Sequence[Certificate], now: datetime) -> tuple[Certificate, ...]:
    """Return those that a voided completion suspends, as they are then; the others stay."""
    return tuple(
        _with(one, now, status=CertificateStatus.SUSPENDED)
        for one in certificates
        if one.status is CertificateStatus.VALID
    )


def restored(
    booking: Booking, certificates: Sequence[Certificate], now: datetime
) -> tuple[Certificate, ...]:
    """Return those that are valid again, as they are then; none before all is completed again.

    Args:
        booking: As it is after a completion was restored.
        certificates: All of this booking.
        now: UTC instant of the change.
    """
    if not has_earned(booking):
        return ()
    return tuple(
        _with(one, now, status=CertificateStatus.VALID)
        for one in certificates
        if one.status is CertificateStatus.SUSPENDED
    )


def revoked(certificate: Certificate, reason: str, now: datetime) -> Certificate:
    """Return the certificate once revoked, for ever; the same one where it already is.

    Raises:
        IllegalState: Another one has superseded it, and is the one to revoke.
    """
    if certificate.status is CertificateStatus.REVOKED:
        return certificate
    if certificate.status is CertificateStatus.SUPERSEDED:
        raise IllegalState("This certificate is superseded; revoke the one in its place.")
    return _with(certificate, now, status=CertificateStatus.REVOKED, revocation_reason=reason)


def superseded(certificate: Certificate, successor_id: UUID, now: datetime) -> Certificate:
    """Return the certificate once another one was issued in its place.

    It is superseded then; a revoked one stays revoked.

    Args:
        certificate: Valid, suspended or revoked.
        successor_id: The id of the other one.
        now: UTC instant of the change.

    Raises:
        IllegalState: One was issued in its place already.
    """
    if certificate.superseded_by is not None:
        raise IllegalState("Another certificate was issued in this one's place already.")
    status = CertificateStatus.SUPERSEDED if certificate.in_force else certificate.status
    return _with(certificate, now, status=status, superseded_by=successor_id)


def successor_of(
    certificate: Certificate, booking: Booking, id_: UUID, reason: str, now: datetime, number: str
) -> Certificate:
    """Return the certificate that takes another one's place.

    It is valid only if the booking has still earned it, else suspended until the
    completion that is missing is restored.

    Args:
        certificate: The one in whose place it is issued.
        booking: Whose sessions earned both.
        id_: Its id.
        reason: Why it is issued.
        now: UTC instant of issue.
        number: Its own number.
    """
    student = next(one for one in booking.purchase.students if one.id == certificate.student_id)
    return replace(
        issued(booking, student, id_, now, number),
        status=CertificateStatus.VALID if has_earned(booking) else CertificateStatus.SUSPENDED,
        supersedes=certificate.id,
        reissue_reason=reason,
    )


def _with(certificate: Certificate, now: datetime, **changes: object) -> Certificate:
    return replace(certificate, version=certificate.version + 1, updated_at=now, **changes)
