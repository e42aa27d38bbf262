"""Bookings: what a client buys, and the states a booking can be in."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import Point
from muster.domain.sessions import Session
from muster.domain.zones import Operator, operator_of

__all__ = [
    "Booking",
    "BookingStatus",
    "ClassType",
    "DeliveryMode",
    "NearestZone",
    "Purchase",
    "Student",
    "ZoneOfBooking",
]


class ClassType(Enum):
    """How many students share a lesson, or the mixed course of 18 online and 12 offline."""

    ONE_ON_ONE = "ONE_ON_ONE"
    ONE_ON_TWO = "ONE_ON_TWO"
    ONE_ON_THREE = "ONE_ON_THREE"
    HYBRID = "HYBRID"


class DeliveryMode(Enum):
    """On which days the lessons fall."""

    DAILY = "DAILY"
    SUNDAY_ONLY = "SUNDAY_ONLY"


class BookingStatus(Enum):
    """The one state a booking is in."""

    ASSIGNED = "ASSIGNED"
    WAITLISTED = "WAITLISTED"
    SERVICE_NOT_AVAILABLE = "SERVICE_NOT_AVAILABLE"
    PENDING = "PENDING"
    EXPIRED = "EXPIRED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class Student(Struct, frozen=True):
    """One who is taught; the id is the client's own."""

    id: UUID
    name: str
    email: str | None = None
    phone: str | None = None


class Purchase(Struct, frozen=True):
    """What a client asks for; the fields of the booking request.

    Attributes:
        course_id: The course bought.
        class_type: How it is taught.
        total_sessions: How many lessons of 40 minutes.
        delivery_mode: On which days.
        start_date: The first day, in the local time of the place.
        preferred_time_slot: ``HH:MM``, the local start of each (first) lesson of a day.
        student_location: Where the offline lessons are held.
        students: Those who are taught.
        booking_reference: The client's own key; one reference, one booking.
        preferred_trainer_id: Ranked first when eligible.
        excluded_trainer_ids: Never chosen; kept sorted, so that equal requests are equal.
        ranking_policy: The name of a ranking policy; ``None`` is the default one.
    """

    course_id: UUID
    class_type: ClassType
    total_sessions: int
    delivery_mode: DeliveryMode
    start_date: date
    preferred_time_slot: str
    student_location: Point
    students: tuple[Student, ...]
    booking_reference: str | None = None
    preferred_trainer_id: UUID | None = None
    excluded_trainer_ids: tuple[UUID, ...] = ()
    ranking_policy: str | None = None


class ZoneOfBooking(Struct, frozen=True):
    """The zone that serves a booking, as it was when it was booked."""

    id: UUID
    name: str
    franchise_id: UUID | None
    time_zone: str

    @property
    def operator(self) -> Operator:
        """Who ran it; follows from ``franchise_id``."""
        return operator_of(self.franchise_id)


class NearestZone(Struct, frozen=True):
    """The nearest zone to unserved demand; the distance to its centre is in metres."""

    id: UUID
    name: str
    distance_metres: float


class Booking(Struct, frozen=True):
    """One purchase and what became of it.

    Attributes:
        id: UUIDv7.
        status: Its one state.
        purchase: What was asked for.
        zone: The zone that serves it; ``None`` when none does.
        nearest_zone: The nearest one, only when none serves it.
        trainer_id: Who teaches it, or was to when it was cancelled; ``None`` while it waits.
        trainer_name: That trainer's name when chosen.
        sessions: In order of their numbers; none without a zone.
        receipt_id: The newest receipt; ``None`` until somebody was asked.
        version: Grows by one with each change, from 1.
        created_at: UTC instant.
        updated_at: UTC instant.
        client_id: Whose it is; ``None`` is one that the company or a franchise made.
    """

    id: UUID
    status: BookingStatus
    purchase: Purchase
    zone: ZoneOfBooking | None
    nearest_zone: NearestZone | None
    trainer_id: UUID | None
    trainer_name: str | None
    sessions: tuple[Session, ...]
    receipt_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    client_id: UUID | None = None

    @property
    def zone_id(self) -> UUID | None:
        """The zone that serves it, if any does."""
        return None if self.zone is None else self.zone.id

    @property
    def franchise_id(self) -> UUID | None:
        """The franchise on whose ground it is; ``None`` is the company's or nobody's."""
        return None if self.zone is None else self.zone.franchise_id
