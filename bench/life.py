"""What follows a booking: completing, cancelling, and a leave of many sessions."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from datetime import date, timedelta

import msgspec
from msgspec import Struct

from bench.bookings import Generator, place, staffed
from bench.companion import Companion
from bench.deployment import Server, deployed, serving
from bench.figures import Latencies, Spread, latencies_of, spread_of
from bench.load import Load, generator, post
from bench.purchases import TIME_ZONE, Town, request_body
from bench.replay import connect
from bench.report import say, table, write

__all__ = ["LifePlan", "measure_life"]

_SESSIONS = 10
_CANDIDATES = 20

# As if every lesson had begun long ago: completing looks at nothing else.
_BEGAN = """
    UPDATE booking_sessions
    SET starts_at = starts_at - interval '1000 days', ends_at = ends_at - interval '1000 days'
    WHERE booking_id = ANY ($1::uuid[])
"""


class LifePlan(Struct, frozen=True):
    """What to measure.

    Attributes:
        rounds: Turns.
        bookings: Completed and cancelled in each turn.
        clients: Who complete and cancel at once.
        leave: Sessions under one leave.
    """

    rounds: int
    bookings: int
    clients: int
    leave: int


class LifeFound(Struct, frozen=True):
    """Milliseconds of a request; of the leave's, the whole of one request in each round."""

    complete: Latencies
    cancel: Latencies
    leave_sessions: int
    leave_preview_ms: Spread
    leave_ms: Spread


def measure_life(plan: LifePlan, name: str) -> None:
    """Measure every round, print the table and write it."""
    complete: list[float] = []
    cancel: list[float] = []
    previews: list[float] = []
    leaves: list[float] = []
    with ExitStack() as stack:
        deployment = stack.enter_context(deployed())
        load = stack.enter_context(Companion(generator))
        places = staffed(deployment, _CANDIDATES)
        spread, leave_places = places[plan.rounds :], places[: plan.rounds]
        database = deployment.new_database()
        server = stack.enter_context(serving(deployment, database))
        for turn, town in enumerate(leave_places):
            first = turn * plan.bookings
            bodies = [
                request_body(number, spread, _SESSIONS)
                for number in range(first, first + plan.bookings)
            ]
            booked = _placed(load, server, bodies)
            asyncio.run(_begin(database, booked))
            complete += _sent(load, server, _completions(booked), plan.clients, b'"COMPLETED"')
            cancel += _sent(load, server, _cancels(booked), plan.clients, b'"CANCELLED"')
            preview, leave = _leave(load, server, town, plan.leave)
            previews.append(preview)
            leaves.append(leave)
            say(f"Round {turn + 1} of {plan.rounds}")
    found = LifeFound(
        complete=latencies_of(complete),
        cancel=latencies_of(cancel),
        leave_sessions=plan.leave,
        leave_preview_ms=spread_of(previews),
        leave_ms=spread_of(leaves),
    )
    table(
        f"Through one server, {plan.clients} clients for the first two; {plan.rounds} rounds",
        ("request", "ms"),
        [
            ("complete a session, p50 / p95 / p99", _shown(found.complete)),
            ("cancel a booking of 10 sessions, p50 / p95 / p99", _shown(found.cancel)),
            (f"preview a leave of {plan.leave} sessions", found.leave_preview_ms),
            (f"enter a leave of {plan.leave} sessions", found.leave_ms),
        ],
    )
    write(name, found)


def _placed(load: Generator, server: Server, bodies: list[bytes]) -> list[dict[str, object]]:
    """Place bookings, and return them as they were answered."""
    requests = [post("/v1/bookings", body) for body in bodies]
    result = load.ask(
        Load(server.address, requests, 8, 201, b'"status":"ASSIGNED"', None, keep=True)
    )
    return [msgspec.json.decode(answer.split(b"\r\n\r\n", 1)[1]) for answer in result.answers]


def _completions(booked: list[dict[str, object]]) -> list[bytes]:
    """Return the request that completes the first session of each booking."""
    firsts = [msgspec.convert(one["sessions"], list[dict[str, object]])[0]["id"] for one in booked]
    return [post(f"/v1/sessions/{id_}/complete", b"{}") for id_ in firsts]


def _cancels(booked: list[dict[str, object]]) -> list[bytes]:
    return [post(f"/v1/bookings/{one['id']}/cancel", b"{}") for one in booked]


def _sent(
    load: Generator, server: Server, requests: list[bytes], clients: int, marker: bytes
) -> list[float]:
    return load.ask(Load(server.address, requests, clients, 200, marker)).waits


def _leave(load: Generator, server: Server, town: Town, sessions: int) -> tuple[float, float]:
    """Fill one trainer's calendar, and return how long a leave over all of it takes.

    Returns:
        Milliseconds of the preview, and of the leave itself.
    """
    trainer = town.trainer_ids(1)[0]
    bodies = [
        msgspec.json.encode(
            msgspec.json.decode(request_body(number, [town], _SESSIONS))
            | {"preferredTrainerId": str(trainer)}
        )
        for number in range(sessions // _SESSIONS)
    ]
    place(load, server, bodies, 8)
    starts = [date.fromisoformat(msgspec.json.decode(body)["startDate"]) for body in bodies]
    last = max(starts) + timedelta(days=_SESSIONS)
    period = {"fromDate": min(starts).isoformat(), "toDate": last.isoformat()}
    block = msgspec.json.encode({"timeZone": TIME_ZONE, "periods": [period]})
    path = f"/v1/trainers/{trainer}/blocks"
    preview = _timed(load, server, post(f"{path}/preview", block), 200)
    return preview, _timed(load, server, post(path, block), 201)


def _timed(load: Generator, server: Server, request: bytes, expected: int) -> float:
    began = time.perf_counter()
    load.ask(Load(server.address, [request], 1, expected, b"{"))
    return (time.perf_counter() - began) * 1000


async def _begin(database: str, booked: list[dict[str, object]]) -> None:
    connection = await connect(database)
    try:
        await connection.execute(_BEGAN, [one["id"] for one in booked])
    finally:
        await connection.close()


def _shown(waits: Latencies) -> str:
    return f"{waits.p50:.1f} / {waits.p95:.1f} / {waits.p99:.1f}"
