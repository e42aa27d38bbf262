"""The booking request as clients send it."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from muster.domain.bookings import ClassType, DeliveryMode, Purchase, Student
from muster.http.shapes.common import Location
from muster.http.shapes.fields import Email, IdText, Name, Note, Phone, Reference, TimeSlot

__all__ = ["Cancellation", "DeliveryModeName", "NewBooking", "StudentInput"]


class DeliveryModeName(Enum):
    """The delivery modes as requests may name them."""

    DAILY = "DAILY"
    WEEKDAY_DAILY = "WEEKDAY_DAILY"
    SUNDAY_ONLY = "SUNDAY_ONLY"

    def mode(self) -> DeliveryMode:
        """Return the mode; ``WEEKDAY_DAILY`` is another name of ``DAILY``."""
        daily = self is not DeliveryModeName.SUNDAY_ONLY
        return DeliveryMode.DAILY if daily else DeliveryMode.SUNDAY_ONLY


class StudentInput(Struct, frozen=True, forbid_unknown_fields=True):
    """One who is to be taught."""

    id: IdText
    name: Name
    email: Email | None = None
    phone: Phone | None = None

    def student(self) -> Student:
        """Return it as the domain knows it."""
        return Student(UUID(self.id), self.name, self.email, self.phone)


class NewBooking(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a client wants to buy."""

    course_id: IdText
    class_type: ClassType
    total_sessions: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
    delivery_mode: DeliveryModeName
    start_date: date
    preferred_time_slot: TimeSlot
    student_location: Location
    students: Annotated[list[StudentInput], Meta(max_length=100)]
    booking_reference: Reference | None = None
    preferred_trainer_id: IdText | None = None
    excluded_trainer_ids: Annotated[list[IdText], Meta(max_length=500)] = []
    ranking_policy: Annotated[str, Meta(min_length=1, max_length=100)] | None = None

    def purchase(self) -> Purchase:
        """Return it as the domain knows it."""
        preferred = self.preferred_trainer_id
        return Purchase(
            course_id=UUID(self.course_id),
            class_type=self.class_type,
            total_sessions=self.total_sessions,
            delivery_mode=self.delivery_mode.mode(),
            start_date=self.start_date,
            preferred_time_slot=self.preferred_time_slot,
            student_location=self.student_location.point(),
            students=tuple(student.student() for student in self.students),
            booking_reference=self.booking_reference,
            preferred_trainer_id=UUID(preferred) if preferred else None,
            excluded_trainer_ids=tuple(sorted({UUID(id_) for id_ in self.excluded_trainer_ids})),
            ranking_policy=self.ranking_policy,
        )


class Cancellation(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a booking is cancelled, if a reason is given."""

    reason: Note | None = None
