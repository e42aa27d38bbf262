"""Bookings and their sessions as rows: the one place where either becomes the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from muster.domain.bookings import (
    Booking,
    BookingStatus,
    ClassType,
    DeliveryMode,
    NearestZone,
    Purchase,
    Student,
    ZoneOfBooking,
)
from muster.domain.geography import Point
from muster.domain.sessions import PlannedSession, Session, SessionMode, SessionStatus

__all__ = ["OF_REFERENCE", "SELECT_BOOKING", "booking_from", "booking_row", "session_columns"]

# The sessions come with their booking, so that both are of one moment.
SELECT_BOOKING = """
    SELECT bookings.id, bookings.status, course_id, class_type, total_sessions, delivery_mode,
        start_date, preferred_time_slot, latitude, longitude, students, booking_reference,
        fingerprint, preferred_trainer_id, excluded_trainer_ids, ranking_policy, zone_id,
        zone_name, zone_franchise_id, zone_time_zone, nearest_zone_id, nearest_zone_name,
        nearest_zone_metres, trainer_id, trainer_name, receipt_id, version, created_at,
        updated_at, client_id,
        ARRAY(
            SELECT ROW(s.id, s.number, s.mode, s.status, s.trainer_id, s.local_date,
                s.local_time, s.time_zone, s.starts_at, s.ends_at, s.time_adjusted, s.movable)
            FROM booking_sessions AS s
            WHERE s.booking_id = bookings.id
            ORDER BY s.number, s.id
        ) AS sessions
    FROM bookings
"""
"""What ``booking_from`` reads; conditions may follow."""

# Two equalities and no IS NOT DISTINCT FROM, for which no index is used.
OF_REFERENCE = """
    booking_reference = $1
    AND (client_id = $2::uuid OR ($2::uuid IS NULL AND client_id IS NULL))
"""
"""The condition of a reference and of whose it is."""

_STUDENTS = msgspec.json.Decoder(tuple[Student, ...])


def booking_row(booking: Booking, fingerprint: bytes) -> tuple[object, ...]:
    """Return a booking's values in the order of the columns of ``SELECT_BOOKING``."""
    purchase, zone, nearest = booking.purchase, booking.zone, booking.nearest_zone
    return (
        booking.id,
        booking.status.value,
        purchase.course_id,
        purchase.class_type.value,
        purchase.total_sessions,
        purchase.delivery_mode.value,
        purchase.start_date,
        purchase.preferred_time_slot,
        purchase.student_location.latitude,
        purchase.student_location.longitude,
        msgspec.json.encode(purchase.students).decode(),
        purchase.booking_reference,
        fingerprint,
        purchase.preferred_trainer_id,
        purchase.excluded_trainer_ids,
        purchase.ranking_policy,
        *((zone.id, zone.name, zone.franchise_id, zone.time_zone) if zone else [None] * 4),
        *((nearest.id, nearest.name, nearest.distance_metres) if nearest else [None] * 3),
        booking.trainer_id,
        booking.trainer_name,
        booking.receipt_id,
        booking.version,
        booking.created_at,
        booking.updated_at,
        booking.client_id,
    )


def session_columns(sessions: Sequence[Session]) -> tuple[list[Any], ...]:
    """Return the values of sessions by column, in the order of ``SELECT_BOOKING``'s rows."""
    plans = [session.plan for session in sessions]
    return (
        [session.id for session in sessions],
        [plan.number for plan in plans],
        [plan.mode.value for plan in plans],
        [session.status.value for session in sessions],
        [session.trainer_id for session in sessions],
        [plan.local_date for plan in plans],
        [plan.local_time for plan in plans],
        [plan.time_zone for plan in plans],
        [plan.starts_at for plan in plans],
        [plan.ends_at for plan in plans],
        [plan.time_adjusted for plan in plans],
        [plan.movable for plan in plans],
    )


def booking_from(row: asyncpg.Record) -> Booking:
    """Return the booking of a row of ``SELECT_BOOKING``."""
    return Booking(
        id=row["id"],
        status=BookingStatus(row["status"]),
        purchase=_purchase(row),
        zone=_zone(row),
        nearest_zone=_nearest_zone(row),
        trainer_id=row["trainer_id"],
        trainer_name=row["trainer_name"],
        sessions=tuple(map(_session, row["sessions"])),
        receipt_id=row["receipt_id"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        client_id=row["client_id"],
    )


def _purchase(row: asyncpg.Record) -> Purchase:
    return Purchase(
        course_id=row["course_id"],
        class_type=ClassType(row["class_type"]),
        total_sessions=row["total_sessions"],
        delivery_mode=DeliveryMode(row["delivery_mode"]),
        start_date=row["start_date"],
        preferred_time_slot=row["preferred_time_slot"],
        student_location=Point(row["latitude"], row["longitude"]),
        students=_STUDENTS.decode(row["students"]),
        booking_reference=row["booking_reference"],
        preferred_trainer_id=row["preferred_trainer_id"],
        excluded_trainer_ids=tuple(row["excluded_trainer_ids"]),
        ranking_policy=row["ranking_policy"],
    )


def _zone(row: asyncpg.Record) -> ZoneOfBooking | None:
    zone_id: UUID | None = row["zone_id"]
    if zone_id is None:
        return None
    return ZoneOfBooking(zone_id, row["zone_name"], row["zone_franchise_id"], row["zone_time_zone"])


def _nearest_zone(row: asyncpg.Record) -> NearestZone | None:
    zone_id: UUID | None = row["nearest_zone_id"]
    if zone_id is None:
        return None
    return NearestZone(zone_id, row["nearest_zone_name"], row["nearest_zone_metres"])


def _session(row: asyncpg.Record) -> Session:
    (id_, number, mode, status, trainer_id, day, clock, zone, starts, ends, adjusted, movable) = row
    plan = PlannedSession(
        number, SessionMode(mode), day, clock, zone, starts, ends, adjusted, movable
    )
    return Session(id_, plan, SessionStatus(status), trainer_id)
