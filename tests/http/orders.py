"""Requests as clients write them, and the trainers who could answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from muster.domain.geography import Point
from muster.domain.trainers import Trainer

CENTRE = {"latitude": 16.5, "longitude": 80.6}
NEAR_CENTRE = {"latitude": 16.51, "longitude": 80.61}
AN_ID = "01234567-89ab-7def-8123-456789abcdef"
"""An id that nothing has."""

FAR_AWAY = {"latitude": -40.0, "longitude": -120.0}

_numbers = count(1)


def in_days(days: int) -> str:
    """A date some days from today, as it is everywhere on earth within a day."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def next_sunday() -> str:
    """A Sunday in about a month."""
    day = datetime.now(UTC).date() + timedelta(days=30)
    return date.fromordinal(day.toordinal() + (6 - day.weekday())).isoformat()


def a_franchise(**changes: Any) -> dict[str, Any]:
    return {"name": f"Franchise {next(_numbers)}", "timeZone": "Asia/Kolkata"} | changes


def a_zone(**changes: Any) -> dict[str, Any]:
    zone = {
        "name": f"Zone {next(_numbers)}",
        "centre": CENTRE,
        "radiusKm": 12.0,
        "timeZone": "Asia/Kolkata",
    }
    return zone | changes


def a_student(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "name": "Asha Rao"} | changes


def a_booking(**changes: Any) -> dict[str, Any]:
    """Ten daily lessons for one student, near the centre of the zone."""
    booking = {
        "courseId": str(uuid4()),
        "classType": "ONE_ON_ONE",
        "totalSessions": 10,
        "deliveryMode": "DAILY",
        "startDate": in_days(30),
        "preferredTimeSlot": "09:00",
        "studentLocation": NEAR_CENTRE,
        "students": [a_student()],
    }
    return booking | changes


def a_trainer_for(zone: dict[str, Any], course_id: str, **changes: Any) -> Trainer:
    """Someone whom no rule refuses."""
    fields: dict[str, Any] = {
        "id": uuid4(),
        "name": f"Trainer {next(_numbers)}",
        "active": True,
        "franchise_id": UUID(zone["franchiseId"]) if zone["franchiseId"] else None,
        "zone_ids": frozenset({UUID(zone["id"])}),
        "certified_courses": frozenset({UUID(course_id)}),
        "location": Point(**NEAR_CENTRE),
    }
    return Trainer(**fields | changes)
