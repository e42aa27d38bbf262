"""The read routes as bare Litestar handlers: the adapter's query, a Struct, and nothing else.

Same uvicorn settings, same pool, same bytes to answer as the server.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
import uvicorn
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.params import Parameter
from msgspec import Struct

from muster.domain.geography import Point, distance_metres, unit_vector
from muster_postgres.booking_rows import SELECT_BOOKING
from muster_postgres.schedule import _SLOTS as SCHEDULE
from muster_postgres.zone_locator import AROUND

__all__ = ["create_bare_app"]


class _Place(Struct):
    latitude: float
    longitude: float


class _Student(Struct, omit_defaults=True):
    id: UUID
    name: str
    email: str | None = None
    phone: str | None = None


class _ZoneOfBooking(Struct, rename="camel"):
    id: UUID
    name: str
    operator: str
    franchise_id: UUID | None
    time_zone: str


class _Session(Struct, rename="camel"):
    id: UUID
    number: int
    mode: str
    status: str
    trainer_id: UUID | None
    local_date: date
    local_time: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    time_adjusted: bool
    movable: bool


class _Booking(Struct, rename="camel"):
    id: UUID
    booking_reference: str | None
    status: str
    course_id: UUID
    class_type: str
    total_sessions: int
    delivery_mode: str
    start_date: date
    preferred_time_slot: str
    student_location: _Place
    students: list[_Student]
    zone: _ZoneOfBooking
    trainer_id: UUID | None
    trainer_name: str | None
    sessions: list[_Session]
    receipt_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class _Zone(Struct, rename="camel"):
    id: UUID
    name: str
    franchise_id: UUID | None
    operator: str
    centre: _Place
    radius_km: float
    time_zone: str
    priority: int
    status: str
    version: int
    created_at: datetime
    updated_at: datetime


class _Covering(Struct, rename="camel"):
    id: UUID
    name: str
    operator: str
    priority: int
    radius_km: float
    distance_metres: float


class _Lookup(Struct):
    zone: _Zone
    rule: str
    covering: list[_Covering]
    nearest: None = None


class _Slot(Struct, rename="camel"):
    id: UUID
    state: str
    local_date: date
    timeslot: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    booking_id: UUID | None
    session_id: UUID | None
    reason: str | None


class _Schedule(Struct, rename={"trainer_id": "trainerId", "from_": "from"}):
    trainer_id: UUID
    from_: date
    to: date
    slots: list[_Slot]


_STUDENTS = msgspec.json.Decoder(list[_Student])


@get("/v1/bookings/{booking_id:uuid}")
async def booking(state: State, booking_id: UUID) -> _Booking:
    row = await state.pool.fetchrow(f"{SELECT_BOOKING} WHERE id = $1", booking_id)
    zone = _ZoneOfBooking(
        row["zone_id"],
        row["zone_name"],
        "FRANCHISE" if row["zone_franchise_id"] else "COMPANY",
        row["zone_franchise_id"],
        row["zone_time_zone"],
    )
    return _Booking(
        id=row["id"],
        booking_reference=row["booking_reference"],
        status=row["status"],
        course_id=row["course_id"],
        class_type=row["class_type"],
        total_sessions=row["total_sessions"],
        delivery_mode=row["delivery_mode"],
        start_date=row["start_date"],
        preferred_time_slot=row["preferred_time_slot"],
        student_location=_Place(row["latitude"], row["longitude"]),
        students=_STUDENTS.decode(row["students"]),
        zone=zone,
        trainer_id=row["trainer_id"],
        trainer_name=row["trainer_name"],
        sessions=[_Session(*session) for session in row["sessions"]],
        receipt_id=row["receipt_id"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


@get("/v1/zones/lookup")
async def lookup(state: State, latitude: float, longitude: float) -> _Lookup:
    place = Point(latitude, longitude)
    (row,) = await state.pool.fetch(AROUND, unit_vector(place))
    centre = Point(row["latitude"], row["longitude"])
    operator = "FRANCHISE" if row["franchise_id"] else "COMPANY"
    zone = _Zone(
        row["id"],
        row["name"],
        row["franchise_id"],
        operator,
        _Place(centre.latitude, centre.longitude),
        row["radius_km"],
        row["time_zone"],
        row["priority"],
        row["status"],
        row["version"],
        row["created_at"],
        row["updated_at"],
    )
    metres = distance_metres(centre, place)
    covering = _Covering(zone.id, zone.name, operator, zone.priority, zone.radius_km, metres)
    return _Lookup(zone, "ONLY_ONE", [covering])


@get("/v1/trainers/{trainer_id:uuid}/schedule")
async def schedule(
    state: State,
    trainer_id: UUID,
    from_day: Annotated[date, Parameter(query="from")],
    to_day: Annotated[date, Parameter(query="to")],
) -> _Schedule:
    rows = await state.pool.fetch(SCHEDULE, [trainer_id], from_day, to_day)
    slots = [
        _Slot(
            row["id"],
            row["state"],
            row["date"],
            row["timeslot"],
            row["time_zone"],
            row["starts_at"],
            row["ends_at"],
            row["booking_id"],
            row["session_id"],
            row["reason"],
        )
        for row in rows
    ]
    return _Schedule(trainer_id, from_day, to_day, slots)


def create_bare_app(url: str) -> Litestar:
    """Return the app over a database."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            url, min_size=2, max_size=10, reset=_nothing_to_reset, server_settings={"jit": "off"}
        ) as pool:
            app.state.pool = pool
            yield

    return Litestar(
        [booking, lookup, schedule], lifespan=[lifespan], openapi_config=None, logging_config=None
    )


async def _nothing_to_reset(_: Any) -> None:
    """The server's pool does not reset either."""


def _serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_bare_app(os.environ["DATABASE_URL"]),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    print(f"bare app at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    _serve()
