"""Valid examples of certificates, and of bookings that have earned them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from muster.domain.bookings import Booking, BookingStatus, ClassType, Student
from muster.domain.certificate_numbers import NUMBER_BITS, write_certificate_number
from muster.domain.certificates import Certificate, issued
from muster.domain.sessions import SessionStatus
from muster.domain.zones import Zone
from muster.ports.certificate_documents import CertificateFacts
from muster.testing.entropy import SeededEntropy
from muster.testing.examples import (
    AN_INSTANT,
    a_booking,
    a_purchase,
    new_id,
    sessions_for,
)

__all__ = ["a_certificate", "a_completed_booking", "certificate_facts"]

_entropy = SeededEntropy(30)


def a_completed_booking(zone: Zone, *names: str, **changes: Any) -> Booking:
    """Return a booking of 30 sessions, all of them completed.

    Args:
        zone: Which serves it.
        names: Of its students, one to three of them; one unless given.
        **changes: Other fields of the booking.
    """
    students = tuple(Student(new_id(), name) for name in names or ("Asha Devi",))
    purchase = a_purchase(class_type=ClassType.HYBRID, total_sessions=30, students=students)
    trainer_id = new_id()
    completed = SessionStatus.COMPLETED
    return a_booking(
        zone,
        purchase=purchase,
        trainer_id=trainer_id,
        status=BookingStatus.COMPLETED,
        sessions=sessions_for(purchase, zone.time_zone, completed, trainer_id),
        **changes,
    )


def a_certificate(booking: Booking, student: Student | None = None, **changes: Any) -> Certificate:
    """Return a valid certificate with a number of its own.

    Args:
        booking: Which has earned it.
        student: Whom it is for; the booking's first unless given.
        **changes: Other fields.
    """
    number = write_certificate_number(AN_INSTANT.date(), _entropy.bits(NUMBER_BITS))
    certified = booking.purchase.students[0] if student is None else student
    return replace(issued(booking, certified, new_id(), AN_INSTANT, number), **changes)


def certificate_facts(**changes: Any) -> CertificateFacts:
    """Return what a document says of a certificate.

    Args:
        **changes: Other facts.
    """
    number = "CERT-20270101-V3RS-3DTR-98H6-BCFN-Z"
    facts = CertificateFacts(
        number=number,
        student_name="Asha Rao",
        course="Vinyasa Foundation",
        booking="MH-2026-0417",
        company="Muster",
        franchise=None,
        issued_on=AN_INSTANT.date(),
        issued_at=AN_INSTANT,
        verification_url=f"https://muster.example/v1/certificates/{number}",
    )
    return replace(facts, **changes)
