"""Valid values of the domain, each with fields that a test may change.

Ids and names are new on every call, so that two examples never meet by accident.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from muster.domain.blocks import BlockPeriod, TrainerBlock
from muster.domain.bookings import (
    Booking,
    BookingStatus,
    ClassType,
    DeliveryMode,
    Purchase,
    Student,
    ZoneOfBooking,
)
from muster.domain.franchises import Franchise, FranchiseStatus
from muster.domain.geography import Point
from muster.domain.identifiers import uuid7
from muster.domain.placement import Placement, placement_of
from muster.domain.planning import plan_sessions
from muster.domain.sessions import Session, SessionStatus, has_live_slot
from muster.domain.slots import Slot, SlotState
from muster.domain.trainers import Trainer
from muster.domain.zones import Zone, ZoneStatus

__all__ = [
    "AN_INSTANT",
    "A_MONDAY",
    "a_booking",
    "a_franchise",
    "a_placement",
    "a_purchase",
    "a_trainer",
    "a_trainer_block",
    "a_zone",
    "new_id",
    "sessions_for",
    "slots_for",
    "zone_of_booking",
]

AN_INSTANT = datetime(2027, 1, 4, 6, 30, 15, 123456, tzinfo=UTC)
"""When the examples were made."""

A_MONDAY = date(2027, 1, 11)
"""The first day of the example purchase."""

_numbers = count(1)


def new_id() -> UUID:
    """Return an id that was not there before."""
    return uuid7(AN_INSTANT, next(_numbers))


def a_franchise(**changes: Any) -> Franchise:
    """Return an active franchise with a new name."""
    number = next(_numbers)
    franchise = Franchise(
        id=new_id(),
        name=f"Franchise {number}",
        time_zone="Asia/Kolkata",
        status=FranchiseStatus.ACTIVE,
        version=1,
        created_at=AN_INSTANT,
        updated_at=AN_INSTANT,
    )
    return replace(franchise, **changes)


def a_zone(**changes: Any) -> Zone:
    """Return an active zone of the company with a new name."""
    number = next(_numbers)
    zone = Zone(
        id=new_id(),
        name=f"Zone {number}",
        franchise_id=None,
        centre=Point(16.5062, 80.648),
        radius_km=5.0,
        time_zone="Asia/Kolkata",
        priority=0,
        status=ZoneStatus.ACTIVE,
        version=1,
        created_at=AN_INSTANT,
        updated_at=AN_INSTANT,
    )
    return replace(zone, **changes)


def a_trainer(**changes: Any) -> Trainer:
    """Return an active trainer of the company who teaches nowhere and nothing yet."""
    trainer = Trainer(
        id=new_id(),
        name="Meera Rao",
        active=True,
        franchise_id=None,
        zone_ids=frozenset(),
        certified_courses=frozenset(),
        updated_at=AN_INSTANT,
    )
    return replace(trainer, **changes)


def a_purchase(**changes: Any) -> Purchase:
    """Return a purchase of ten daily lessons for one student, without a reference."""
    purchase = Purchase(
        course_id=new_id(),
        class_type=ClassType.ONE_ON_ONE,
        total_sessions=10,
        delivery_mode=DeliveryMode.DAILY,
        start_date=A_MONDAY,
        preferred_time_slot="17:00",
        student_location=Point(16.51, 80.65),
        students=(Student(new_id(), "Asha Devi"),),
    )
    return replace(purchase, **changes)


def a_placement(**changes: Any) -> Placement:
    """Return the placement of such a purchase in such a zone, as rules are asked about it."""
    purchase, zone = a_purchase(), a_zone()
    placement = placement_of(purchase, zone, plan_sessions(purchase, zone.time_zone))
    return replace(placement, **changes)


def zone_of_booking(zone: Zone) -> ZoneOfBooking:
    """Return a zone as a booking remembers it."""
    return ZoneOfBooking(zone.id, zone.name, zone.franchise_id, zone.time_zone)


def sessions_for(
    purchase: Purchase,
    time_zone: str,
    status: SessionStatus = SessionStatus.PLANNED,
    trainer_id: UUID | None = None,
) -> tuple[Session, ...]:
    """Return the planned sessions of a purchase, each with a new id.

    Args:
        purchase: What is planned.
        time_zone: IANA key of the zone that serves it.
        status: The state of all of them.
        trainer_id: Who teaches all of them.
    """
    return tuple(
        Session(new_id(), planned, status, trainer_id)
        for planned in plan_sessions(purchase, time_zone)
    )


def a_booking(
    zone: Zone | None,
    *,
    purchase: Purchase | None = None,
    trainer_id: UUID | None = None,
    **changes: Any,
) -> Booking:
    """Return a booking with its sessions.

    Args:
        zone: Which serves it; without one it is ``SERVICE_NOT_AVAILABLE``.
        purchase: What was bought; ``a_purchase()`` unless given.
        trainer_id: Who teaches it: it is then ``ASSIGNED``, else ``WAITLISTED``.
        **changes: Other fields, over those that follow from these.
    """
    bought = a_purchase() if purchase is None else purchase
    assigned = trainer_id is not None
    served = BookingStatus.ASSIGNED if assigned else BookingStatus.WAITLISTED
    state = SessionStatus.SCHEDULED if assigned else SessionStatus.PLANNED
    booking = Booking(
        id=new_id(),
        status=BookingStatus.SERVICE_NOT_AVAILABLE if zone is None else served,
        purchase=bought,
        zone=None if zone is None else zone_of_booking(zone),
        nearest_zone=None,
        trainer_id=trainer_id,
        trainer_name="Meera Rao" if assigned else None,
        sessions=() if zone is None else sessions_for(bought, zone.time_zone, state, trainer_id),
        receipt_id=None,
        version=1,
        created_at=AN_INSTANT,
        updated_at=AN_INSTANT,
    )
    return replace(booking, **changes)


def a_trainer_block(**changes: Any) -> TrainerBlock:
    """Return four whole days of leave of a trainer of its own."""
    block = TrainerBlock(
        id=new_id(),
        trainer_id=new_id(),
        time_zone="Asia/Kolkata",
        periods=(BlockPeriod(A_MONDAY, A_MONDAY + timedelta(days=3)),),
        reason="Leave – «Urlaub»",
        created_at=AN_INSTANT,
    )
    return replace(block, **changes)


def slots_for(booking: Booking, trainer_id: UUID | None = None) -> tuple[Slot, ...]:
    """Return new slots for the sessions of a booking that hold one.

    Args:
        booking: Whose sessions.
        trainer_id: Whose time; the booking's own trainer's unless given. Given, every
            session gets a slot, as when the booking is about to be assigned.

    Raises:
        ValueError: The booking has no trainer and none is given.
    """
    owner = booking.trainer_id if trainer_id is None else trainer_id
    if owner is None:
        raise ValueError("slots need a trainer")
    return tuple(
        Slot(
            id=new_id(),
            trainer_id=owner,
            state=SlotState.BOOKED,
            local_date=session.plan.local_date,
            timeslot=session.plan.local_time,
            time_zone=session.plan.time_zone,
            starts_at=session.plan.starts_at,
            ends_at=session.plan.ends_at,
            booking_id=booking.id,
            session_id=session.id,
        )
        for session in booking.sessions
        if trainer_id is not None or has_live_slot(session.status)
    )
