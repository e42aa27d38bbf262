"""Clients that book, cancel and read all the time, and note every answer they get."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from email.message import Message

import aiohttp

from tests.faults.staffed_zone import Json, StaffedZone
from tests.http.api import Answer, check

_PAUSE_SECONDS = 0.05
"""After a refusal; shorter than ``Retry-After`` asks for, so that the load goes on."""


class Load:
    """Mixed requests, as many at once as there are clients.

    Attributes:
        statuses: How many answers of each status.
        oddities: Answers that are neither a request's normal one nor a 503 by the book.
        placed: Ids by the references of orders that were answered by 201.
        cancelled: Ids whose cancellation was answered by 200.
        unsure: Orders that were answered by 503, by reference.
    """

    def __init__(
        self, session: aiohttp.ClientSession, zone: StaffedZone, chance: random.Random
    ) -> None:
        self._session = session
        self._zone = zone
        self._chance = chance
        self.statuses: Counter[int] = Counter()
        self.oddities: list[str] = []
        self.placed: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.unsure: dict[str, Json] = {}

    async def client(self, ended: asyncio.Event) -> None:
        """Send one request after another until it is ended."""
        while not ended.is_set():
            kind = self._chance.choices(
                [self._order, self._cancel, self._read, self._list, self._look_up],
                weights=[5, 2, 2, 1, 1],
            )[0]
            if await kind() == 503:
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _PAUSE_SECONDS)

    async def send(self, method: str, path: str, body: Json | None, normal: int) -> Answer:
        """Send a request, and hold its answer to what is promised."""
        async with self._session.request(method, path, json=body) as got:
            headers = Message()
            for name, value in got.headers.items():
                headers[name] = value
            answer = Answer(got.status, headers, await got.read())
        self.statuses[answer.status] += 1
        check(answer, method, path)
        if answer.status not in (normal, 503) or (answer.status == 503 and not _repeatable(answer)):
            self.oddities.append(f"{method} {path}: {answer}")
        return answer

    async def _order(self) -> int:
        order = self._zone.order()
        answer = await self.send("POST", "/v1/bookings", order, 201)
        if answer.status == 503:
            self.unsure[order["bookingReference"]] = order
        elif answer.status == 201:
            self.placed[order["bookingReference"]] = answer.json["id"]
        return answer.status

    async def _cancel(self) -> int:
        if not self.placed:
            return 0
        booking_id = self._any_placed()
        answer = await self.send("POST", f"/v1/bookings/{booking_id}/cancel", {}, 200)
        if answer.status == 200:
            self.cancelled.add(booking_id)
        return answer.status

    async def _read(self) -> int:
        if not self.placed:
            return 0
        answer = await self.send("GET", f"/v1/bookings/{self._any_placed()}", None, 200)
        return answer.status

    async def _list(self) -> int:
        return (await self.send("GET", "/v1/bookings?limit=20", None, 200)).status

    async def _look_up(self) -> int:
        path = "/v1/zones/lookup?latitude=16.5&longitude=80.6"
        return (await self.send("GET", path, None, 200)).status

    def _any_placed(self) -> str:
        return self._chance.choice(list(self.placed.values()))


def _repeatable(answer: Answer) -> bool:
    error = json.loads(answer.body)["error"]
    return error["code"] == "DEPENDENCY_UNAVAILABLE" and error["retryable"] is True
