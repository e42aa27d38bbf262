"""A client of the API and of the sample trainer service, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import msgspec

from muster.http.shapes.bookings import BookingShape
from muster.http.shapes.common import Listing
from muster.http.shapes.franchises import FranchiseShape
from muster.http.shapes.receipts import ReceiptShape
from muster.http.shapes.zones import LookupShape, ZoneShape
from muster.runtime.demo.network import FranchisePlan, ZonePlan
from muster.runtime.demo.places import Place
from muster.runtime.demo.roster import TrainerRecord

__all__ = ["DemoClient", "UnexpectedAnswer"]

_TIMEOUT = aiohttp.ClientTimeout(total=30)
S = TypeVar("S")


class UnexpectedAnswer(Exception):
    """The API answered otherwise than it should have.

    Attributes:
        question: The method and path.
        status: The HTTP status.
        body: What came, the error envelope as a rule.
    """

    def __init__(self, question: str, status: int, body: bytes) -> None:
        """Carry the answer."""
        super().__init__(f"{question} answered {status}")
        self.question = question
        self.status = status
        self.body = body


class DemoClient:
    """Speaks with the API and the sample trainer service while it is entered."""

    def __init__(self, api: str, sandbox: str, token: str) -> None:
        """Speak with these addresses.

        Args:
            api: The API's.
            sandbox: The sample trainer service's.
            token: The access token that is shown to the API.
        """
        self._api = api
        self._sandbox = sandbox
        self._authorization = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> DemoClient:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def admit(self, plan: FranchisePlan) -> FranchiseShape:
        """Create a franchise."""
        body = {"name": plan.name, "timeZone": plan.time_zone}
        return await self._call(FranchiseShape, "POST", "/v1/franchises", body, expected=(201,))

    async def open_zone(self, plan: ZonePlan, franchise_id: UUID | None) -> ZoneShape:
        """Create a zone."""
        body: dict[str, Any] = {
            "name": plan.name,
            "centre": _location(plan.centre),
            "radiusKm": plan.radius_km,
            "timeZone": plan.centre.time_zone,
            "priority": plan.priority,
        }
        if franchise_id is not None:
            body["franchiseId"] = str(franchise_id)
        return await self._call(ZoneShape, "POST", "/v1/zones", body, expected=(201,))

    async def look_up(self, place: Place) -> LookupShape:
        """Ask which zone serves a place."""
        path = f"/v1/zones/lookup?latitude={place.point.latitude}&longitude={place.point.longitude}"
        return await self._call(LookupShape, "GET", path)

    async def book(self, body: Mapping[str, Any]) -> BookingShape:
        """Place a booking."""
        return await self._call(BookingShape, "POST", "/v1/bookings", body, expected=(201,))

    async def receipts(self, booking_id: UUID) -> list[ReceiptShape]:
        """Return a booking's receipts."""
        path = f"/v1/bookings/{booking_id}/receipts"
        listing: Listing[ReceiptShape] = await self._call(Listing[ReceiptShape], "GET", path)
        return listing.data

    async def employ(self, trainers: Iterable[TrainerRecord]) -> None:
        """Give the sample trainer service its trainers, instead of any that it had."""
        await self._send(
            "PUT", f"{self._sandbox}/sandbox/trainers", list(trainers), (200, 201, 204)
        )

    async def _call(
        self,
        kind: type[S],
        method: str,
        path: str,
        body: object = None,
        expected: tuple[int, ...] = (200,),
    ) -> S:
        raw = await self._send(method, self._api + path, body, expected, self._authorization)
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{method} {path} ({error})", expected[0], raw) from error

    async def _send(
        self,
        method: str,
        url: str,
        body: object,
        expected: tuple[int, ...],
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> bytes:
        assert self._session is not None
        data = None if body is None else msgspec.json.encode(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        sent = {**headers, **kind}
        async with self._session.request(method, url, data=data, headers=sent) as answer:
            raw = await answer.read()
        if answer.status not in expected:
            raise UnexpectedAnswer(f"{method} {url}", answer.status, raw)
        return raw


def _location(place: Place) -> dict[str, float]:
    return {"latitude": place.point.latitude, "longitude": place.point.longitude}
