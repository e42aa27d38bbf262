"""Clients that book at the same time, over all servers in turn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg

from .conftest import Deployment

__all__ = ["Clients", "a_request", "live_slots"]

HOME = {"latitude": 16.51, "longitude": 80.61}

Json = dict[str, Any]


def a_request(course_id: str, time_slot: str = "09:00", total_sessions: int = 10) -> Json:
    return {
        "courseId": course_id,
        "classType": "ONE_ON_ONE",
        "totalSessions": total_sessions,
        "deliveryMode": "DAILY",
        "startDate": "2027-01-11",
        "preferredTimeSlot": time_slot,
        "studentLocation": HOME,
        "students": [{"id": str(uuid4()), "name": "Asha Rao"}],
    }


class Clients:
    """Sends to the servers in turn, and keeps every status."""

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

    async def together(self, requests: Sequence[tuple[str, Json]]) -> list[tuple[int, Json]]:
        return list(await asyncio.gather(*(self.post(*request) for request in requests)))

    async def staffed_zone(self, trainers: int) -> tuple[str, str, list[str]]:
        """Open a zone of its own around the same place, with equal trainers for a new course."""
        zone = {
            "name": f"Zone {uuid4()}",
            "centre": HOME,
            "radiusKm": 10,
            "timeZone": "Asia/Kolkata",
            "priority": random.randrange(2**30),
        }
        status, made = await self.post("/v1/zones", zone)
        assert status == 201, made
        course_id = str(uuid4())
        staff = [
            {
                "id": str(uuid4()),
                "name": f"Trainer {number}",
                "active": True,
                "franchiseId": None,
                "zoneIds": [made["id"]],
                "certifiedCourses": [course_id],
                "location": HOME,
                "updatedAt": "2026-11-20T08:00:00Z",
            }
            for number in range(trainers)
        ]
        async with self._session.post(
            self._deployment.trainers + "/sandbox/trainers", json=staff
        ) as answer:
            assert answer.status < 300, await answer.text()
        return made["id"], course_id, [str(trainer["id"]) for trainer in staff]


async def live_slots(database: str, trainers: Sequence[str]) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetch(
            "SELECT trainer_id::text, booking_id::text, session_id, date, timeslot,"
            " lower(during) AS starts_at, upper(during) AS ends_at"
            " FROM schedule_slots WHERE live AND trainer_id = ANY ($1::uuid[])"
            " ORDER BY trainer_id, lower(during)",
            trainers,
        )
    finally:
        await connection.close()
