"""What is asked of servers that run with the sample trainers of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

CENTRE = {"latitude": 16.5062, "longitude": 80.648}


def a_zone() -> dict[str, Any]:
    """A zone in Vijayawada, whose name nobody else has."""
    return {
        "name": f"Vijayawada {uuid4()}",
        "centre": CENTRE,
        "radiusKm": 10,
        "timeZone": "Asia/Kolkata",
    }


def a_booking(**changes: Any) -> dict[str, Any]:
    """Ten daily lessons at its centre, in a course that the sample trainers teach."""
    booking = {
        "courseId": str(uuid4()),
        "classType": "ONE_ON_ONE",
        "totalSessions": 10,
        "deliveryMode": "DAILY",
        "startDate": str(datetime.now(UTC).date() + timedelta(days=3)),
        "preferredTimeSlot": "10:00",
        "studentLocation": CENTRE,
        "students": [{"id": str(uuid4()), "name": "Mira"}],
    }
    return booking | changes
