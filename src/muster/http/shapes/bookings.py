"""Bookings, sessions and schedules as clients see them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from muster.domain.bookings import Booking, BookingStatus, ClassType, DeliveryMode, Student
from muster.domain.sessions import PlannedSession, Session, SessionMode, SessionStatus
from muster.domain.slots import Slot, SlotState
from muster.domain.zones import Operator
from muster.http.shapes.common import LocationShape, location_shape
from muster.http.shapes.zones import NearestZoneShape

__all__ = [
    "BookingShape",
    "BookingZoneShape",
    "ScheduleShape",
    "SessionShape",
    "SlotShape",
    "StudentShape",
    "booking_shape",
    "planned_session_shape",
    "schedule_shape",
    "session_shape",
]


class StudentShape(Struct, frozen=True):
    """One who is taught."""

    id: UUID
    name: str
    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET


class BookingZoneShape(Struct, frozen=True, rename="camel"):
    """The zone that serves a booking, as it was when it was booked."""

    id: UUID
    name: str
    operator: Operator
    franchise_id: UUID | None
    time_zone: str


class SessionShape(Struct, frozen=True, rename="camel"):
    """One lesson; instants in UTC, the end exclusive. A preview's lessons have no id."""

    id: UUID | None
    number: int
    mode: SessionMode
    status: SessionStatus
    local_date: date
    local_time: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    time_adjusted: bool
    movable: bool
    trainer_id: UUID | None


class BookingShape(Struct, frozen=True, rename="camel"):
    """One purchase and what became of it."""

    id: UUID
    booking_reference: str | None
    status: BookingStatus
    course_id: UUID
    class_type: ClassType
    total_sessions: int
    delivery_mode: DeliveryMode
    start_date: date
    preferred_time_slot: str
    student_location: LocationShape
    students: list[StudentShape]
    zone: BookingZoneShape | None
    trainer_id: UUID | None
    sessions: list[SessionShape]
    receipt_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    nearest_zone: NearestZoneShape | UnsetType = UNSET
    trainer_name: str | UnsetType = UNSET
    waitlist_position: int | UnsetType = UNSET


class SlotShape(Struct, frozen=True, rename="camel"):
    """A stretch of a trainer's time that is claimed; instants in UTC, the end exclusive."""

    id: UUID
    state: SlotState
    local_date: date
    timeslot: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    booking_id: UUID | None
    session_id: UUID | None
    reason: str | None


class ScheduleShape(Struct, frozen=True, rename={"trainer_id": "trainerId", "from_": "from"}):
    """A trainer's claimed time between two local dates, both included."""

    trainer_id: UUID
    from_: date
    to: date
    slots: list[SlotShape]


def booking_shape(booking: Booking, waitlist_position: int | None = None) -> BookingShape:
    """Show a booking."""
    purchase, nearest = booking.purchase, booking.nearest_zone
    return BookingShape(
        id=booking.id,
        booking_reference=purchase.booking_reference,
        status=booking.status,
        course_id=purchase.course_id,
        class_type=purchase.class_type,
        total_sessions=purchase.total_sessions,
        delivery_mode=purchase.delivery_mode,
        start_date=purchase.start_date,
        preferred_time_slot=purchase.preferred_time_slot,
        student_location=location_shape(purchase.student_location),
        students=[_student(student) for student in purchase.students],
        zone=_zone(booking),
        trainer_id=booking.trainer_id,
        sessions=[session_shape(session) for session in booking.sessions],
        receipt_id=booking.receipt_id,
        version=booking.version,
        created_at=booking.created_at,
        updated_at=booking.updated_at,
        nearest_zone=NearestZoneShape(nearest.id, nearest.name, nearest.distance_metres)
        if nearest
        else UNSET,
        trainer_name=booking.trainer_name or UNSET,
        waitlist_position=UNSET if waitlist_position is None else waitlist_position,
    )


def session_shape(session: Session) -> SessionShape:
    """Show a session."""
    return _lesson(session.plan, session.id, session.status, session.trainer_id)


def planned_session_shape(plan: PlannedSession) -> SessionShape:
    """Show a session that is only planned and stored nowhere."""
    return _lesson(plan, None, SessionStatus.PLANNED, None)


def schedule_shape(
    trainer_id: UUID, from_day: date, to_day: date, slots: tuple[Slot, ...]
) -> ScheduleShape:
    """Show a trainer's claimed time."""
    return ScheduleShape(trainer_id, from_day, to_day, [_slot(slot) for slot in slots])


def _lesson(
    plan: PlannedSession, id_: UUID | None, status: SessionStatus, trainer_id: UUID | None
) -> SessionShape:
    return SessionShape(
        id=id_,
        number=plan.number,
        mode=plan.mode,
        status=status,
        local_date=plan.local_date,
        local_time=plan.local_time,
        time_zone=plan.time_zone,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        time_adjusted=plan.time_adjusted,
        movable=plan.movable,
        trainer_id=trainer_id,
    )


def _student(student: Student) -> StudentShape:
    return StudentShape(student.id, student.name, student.email or UNSET, student.phone or UNSET)


def _zone(booking: Booking) -> BookingZoneShape | None:
    zone = booking.zone
    if zone is None:
        return None
    return BookingZoneShape(zone.id, zone.name, zone.operator, zone.franchise_id, zone.time_zone)


def _slot(slot: Slot) -> SlotShape:
    return SlotShape(
        id=slot.id,
        state=slot.state,
        local_date=slot.local_date,
        timeslot=slot.timeslot,
        time_zone=slot.time_zone,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        booking_id=slot.booking_id,
        session_id=slot.session_id,
        reason=slot.reason,
    )
