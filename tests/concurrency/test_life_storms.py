"""The later life of bookings, changed by many at once over two servers: only legal states."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from muster.domain.geography import Point
from muster.domain.zones import Zone
from muster.testing.examples import a_booking, a_purchase, slots_for
from muster_postgres.database import Database
from tests.conformance.test_postgres import opened, postgres_under_test

from .clients import Clients, Deployment, StaffedZone
from .lawfulness import assert_lawful

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("concurrency")]

PAIRS = 8
ROUNDS = 25
COMMANDS = 1_000
AT_ONCE = 16
SEED = 20_261_121

Json = dict[str, Any]


async def test_200_swaps_against_swaps_are_both_or_neither(
    clients: Clients, deployment: Deployment
) -> None:
    """X with Y while Y with X, of eight pairs at once: no deadlock shows, nothing is halved."""
    zone = await clients.staffed_zone(2 * PAIRS)
    placed = [await clients.post("/v1/bookings", zone.request()) for _ in range(2 * PAIRS)]
    assert {(status, body["status"]) for status, body in placed} == {(201, "ASSIGNED")}
    trainer_of = {body["id"]: body["trainerId"] for _, body in placed}
    ids = list(trainer_of)
    pairs = list(zip(ids[::2], ids[1::2], strict=True))

    async def swap(one: str, other: str) -> tuple[int, Json]:
        return await clients.post(f"/v1/bookings/{one}/swap", {"otherBookingId": other})

    async def duel(one: str, other: str) -> None:
        answers = await asyncio.gather(swap(one, other), swap(other, one))
        assert [status for status, _ in answers] == [200, 200], answers
        for _, body in answers:
            assert_exchanged(body["data"], {trainer_of[one], trainer_of[other]})

    for _ in range(ROUNDS):
        await asyncio.gather(*(duel(*pair) for pair in pairs))
    states = await assert_lawful(deployment.database, zone.zone_id, zone.trainers)
    assert states == {"SCHEDULED": 10 * len(ids)}
    for id_, trainer_id in trainer_of.items():
        shown = await clients.get(f"/v1/bookings/{id_}")
        # Each duel is there and back.
        assert (shown["trainerId"], shown["version"]) == (trainer_id, 1 + 2 * ROUNDS)


def assert_exchanged(bookings: list[Json], trainers: set[str]) -> None:
    one, other = ({session["trainerId"] for session in each["sessions"]} for each in bookings)
    assert len(one) == len(other) == 1
    assert one | other == trainers


class Storm:
    """Random commands to bookings that are half over."""

    def __init__(self, clients: Clients, zone: StaffedZone, bookings: list[Json]) -> None:
        self.clients = clients
        self.zone = zone
        self.bookings = {booking["id"]: booking for booking in bookings}
        self.answers: Counter[tuple[str, int, str]] = Counter()
        self._chance = random.Random(SEED)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def rage(self, commands: int) -> None:
        orders = [self._order() for _ in range(commands)]
        await asyncio.gather(*(self._send(*order) for order in orders))

    def _order(self) -> tuple[str, str, Json]:
        chance = self._chance
        booking = chance.choice(list(self.bookings.values()))
        session = chance.choice(booking["sessions"])
        of_session, of_booking = f"/v1/sessions/{session['id']}", f"/v1/bookings/{booking['id']}"
        trainer = chance.choice(self.zone.trainers)
        day = datetime.now(UTC).date() + timedelta(days=chance.randrange(2, 12))
        when = {"localDate": str(day), "localTime": chance.choice(TIMES)}
        other = chance.choice([id_ for id_ in self.bookings if id_ != booking["id"]])
        orders: list[tuple[int, str, str, Json]] = [
            (20, "complete", f"{of_session}/complete", {}),
            (5, "no-show", f"{of_session}/no-show", {}),
            (10, "cancel session", f"{of_session}/cancel", {}),
            (1, "cancel", f"{of_booking}/cancel", {}),
            (18, "move", f"{of_session}/reschedule", when),
            (8, "make-up", f"{of_session}/make-up", when),
            (10, "reassign one", f"{of_booking}/reassign", {"sessionId": session["id"]}),
            (8, "reassign all", f"{of_booking}/reassign", {}),
            (5, "reassign to", f"{of_booking}/reassign", {"trainerId": trainer}),
            (4, "swap", f"{of_booking}/swap", {"otherBookingId": other}),
            (4, "void", f"{of_session}/void", {"reason": "A storm."}),
            (3, "restore", f"{of_session}/restore", {}),
            (3, "block", f"/v1/trainers/{trainer}/blocks", leave(day)),
            (5, "offer", f"{of_booking}/offer", {}),
            (6, "create", "/v1/bookings", self._new(chance.choice(TIMES))),
        ]
        weights = [weight for weight, *_ in orders]
        ((_, name, path, body),) = chance.choices(orders, weights)
        return name, path, body

    def _new(self, time_slot: str) -> Json:
        tomorrow = datetime.now(UTC).date() + timedelta(days=2)
        return self.zone.request(time_slot) | {"startDate": str(tomorrow)}

    async def _send(self, name: str, path: str, body: Json) -> None:
        async with self._gate:
            status, answer = await self.clients.post(path, body)
        refusal = answer["error"]["code"] if status >= 400 else ""
        self.answers[name, status, refusal] += 1


TIMES = ["08:20", "09:00", "09:40", "10:00", "11:00", "12:30"]


def leave(day: date) -> Json:
    hours = {"fromTime": "09:00", "toTime": "10:30"}
    period = {"fromDate": str(day), "toDate": str(day), **hours}
    return {"timeZone": "Asia/Kolkata", "periods": [period]}


async def half_over(
    database: Database, clients: Clients, zone: StaffedZone, times: list[str]
) -> list[Json]:
    """Store bookings of which five sessions have begun: one for each trainer and time."""
    store = postgres_under_test(database)
    known = await store.zone_reader.get(UUID(zone.zone_id))
    assert isinstance(known, Zone)
    stored = []
    for trainer in zone.trainers:
        for time_slot in times:
            purchase = a_purchase(
                course_id=UUID(zone.course_id),
                student_location=Point(**zone.centre),
                start_date=datetime.now(UTC).date() - timedelta(days=5),
                preferred_time_slot=time_slot,
            )
            booking = a_booking(known, purchase=purchase, trainer_id=UUID(trainer))
            await store.keep(booking, slots_for(booking))
            stored.append(await clients.get(f"/v1/bookings/{booking.id}"))
    return stored


async def test_1000_random_changes_leave_only_legal_states(
    clients: Clients, deployment: Deployment
) -> None:
    zone = await clients.staffed_zone(6)
    async with opened(deployment.database) as database:
        bookings = await half_over(database, clients, zone, ["09:00", "10:00", "11:00"])
    storm = Storm(clients, zone, bookings)

    await storm.rage(COMMANDS)

    states = await assert_lawful(deployment.database, zone.zone_id, zone.trainers)
    told = f"seed {SEED}: {sorted(storm.answers.items())}, {states}"
    assert sum(storm.answers.values()) == COMMANDS
    assert {status for _, status, _ in storm.answers} <= {200, 201, 409}, told
    done = {name for name, status, _ in storm.answers if status < 300}
    assert done >= {"complete", "cancel", "move", "create", "reassign one"}, told
    assert states.keys() >= {"SCHEDULED", "COMPLETED", "CANCELLED", "NO_SHOW"}, told
    for booking in bookings:
        await assert_told(clients, booking)


async def assert_told(clients: Clients, placed: Json) -> None:
    """The story of a booking leads, change by change, to what it is."""
    history = (await clients.get(f"/v1/bookings/{placed['id']}/history"))["data"]
    told = {session["id"]: session["status"] for session in placed["sessions"]}
    for entry in history[1:]:
        for change in entry["sessions"]:
            before = change["before"] and change["before"]["status"]
            assert told.get(change["sessionId"]) == before, entry
            told[change["sessionId"]] = change["after"]["status"]
    shown = await clients.get(f"/v1/bookings/{placed['id']}")
    assert {session["id"]: session["status"] for session in shown["sessions"]} == told
    assert [entry["version"] for entry in history] == list(range(1, shown["version"] + 1))
