"""A zone whose trainers teach one course, and orders for it."""

from __future__ import annotations

import random
from itertools import count
from typing import Any

import aiohttp

from muster_trainer_http.sandbox import Sandbox
from tests.http.orders import a_booking, a_trainer_for, a_zone

Json = dict[str, Any]

_STARTS = [f"{hour:02}:00" for hour in range(7, 21)]


class StaffedZone:
    """Makes orders: each of its own reference, for one of many times of the day."""

    def __init__(self, course_id: str, chance: random.Random) -> None:
        self._course_id = course_id
        self._chance = chance
        self._numbers = count(1)

    def order(self) -> Json:
        return a_booking(
            courseId=self._course_id,
            preferredTimeSlot=self._chance.choice(_STARTS),
            bookingReference=f"order-{next(self._numbers)}",
        )


async def staffed_zone(
    session: aiohttp.ClientSession, sandbox: Sandbox, chance: random.Random, trainers: int
) -> StaffedZone:
    """Open a zone over the API, and give its course so many trainers."""
    async with session.post("/v1/zones", json=a_zone()) as made:
        assert made.status == 201, await made.text()
        zone = await made.json()
    course_id: str = a_booking()["courseId"]
    sandbox.roster.replace([a_trainer_for(zone, course_id) for _ in range(trainers)])
    return StaffedZone(course_id, chance)
