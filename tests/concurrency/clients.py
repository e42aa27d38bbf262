"""Clients that book at the same time, over all servers in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

__all__ = ["Clients", "Deployment", "StaffedZone", "live_slots"]

Json = dict[str, Any]

_places = count()


class Deployment:
    """The addresses of what runs."""

    def __init__(self, database: str, trainers: str, servers: list[str]) -> None:
        self.database = database
        self.trainers = trainers
        self.servers = servers


class StaffedZone:
    """A zone of a test's own, far from the others, with equal trainers for one course.

    Attributes:
        zone_id: Once it is open.
    """

    def __init__(self, trainers: int) -> None:
        self.centre = {"latitude": 10.0 + next(_places), "longitude": 80.61}
        self.course_id = str(uuid4())
        self.trainers = [str(uuid4()) for _ in range(trainers)]
        self.zone_id = ""

    def zone(self) -> Json:
        return {
            "name": f"Zone {self.course_id}",
            "centre": self.centre,
            "radiusKm": 10,
            "timeZone": "Asia/Kolkata",
        }

    def roster(self, zone_id: str) -> list[Json]:
        return [
            {
                "id": trainer,
                "name": "Meera Nair",
                "active": True,
                "franchiseId": None,
                "zoneIds": [zone_id],
                "certifiedCourses": [self.course_id],
                "location": self.centre,
                "updatedAt": "2026-11-20T08:00:00Z",
            }
            for trainer in self.trainers
        ]

    def request(self, time_slot: str = "09:00") -> Json:
        return {
            "courseId": self.course_id,
            "classType": "ONE_ON_ONE",
            "totalSessions": 10,
            "deliveryMode": "DAILY",
            "startDate": "2027-01-11",
            "preferredTimeSlot": time_slot,
            "studentLocation": self.centre,
            "students": [{"id": str(uuid4()), "name": "Asha Rao"}],
        }


class Clients:
    """Sends to the servers in turn."""

    def __init__(self, session: aiohttp.ClientSession, deployment: Deployment) -> None:
        self._session = session
        self._deployment = deployment
        self._turn = 0

    async def post(self, path: str, body: Json) -> tuple[int, Json]:
        self._turn += 1
        server = self._deployment.servers[self._turn % len(self._deployment.servers)]
        async with self._session.post(server + path, json=body) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Json:
        async with self._session.get(self._deployment.servers[0] + path) as answer:
            assert answer.status == 200, await answer.text()
            shown: Json = await answer.json()
            return shown

    async def book(self, requests: Sequence[Json]) -> list[tuple[int, Json]]:
        """Place bookings, all at the same time."""
        return list(
            await asyncio.gather(*(self.post("/v1/bookings", request) for request in requests))
        )

    async def staffed_zone(self, trainers: int) -> StaffedZone:
        staffed = StaffedZone(trainers)
        status, made = await self.post("/v1/zones", staffed.zone())
        assert status == 201, made
        staffed.zone_id = made["id"]
        async with self._session.post(
            self._deployment.trainers + "/sandbox/trainers", json=staffed.roster(made["id"])
        ) as answer:
            assert answer.status < 300, await answer.text()
        return staffed


async def live_slots(database: str, trainers: Sequence[str]) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetch(
            "SELECT trainer_id::text, booking_id::text, date, timeslot,"
            " lower(during) AS starts_at, upper(during) AS ends_at"
            " FROM schedule_slots WHERE live AND trainer_id = ANY ($1::uuid[])"
            " ORDER BY trainer_id, lower(during)",
            trainers,
        )
    finally:
        await connection.close()
