"""The demo itself: a network is opened and staffed, then bookings are placed."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from muster.domain.geography import Point
from muster.http.shapes.bookings import BookingShape
from muster.http.shapes.receipts import ReceiptShape
from muster.http.shapes.zones import LookupShape, ZoneShape
from muster.runtime.demo.client import DemoClient
from muster.runtime.demo.counts import crowds_of
from muster.runtime.demo.network import NetworkPlan, plan_network
from muster.runtime.demo.places import cities
from muster.runtime.demo.progress import Bar, Steps
from muster.runtime.demo.roster import OpenZone, TrainerRecord, staff_zone
from muster.runtime.demo.scenario import (
    Attempt,
    Group,
    lonely_zones,
    plan_bookings,
)

__all__ = ["OutcomeWrong", "PlacedBooking", "Played", "play"]

_AT_ONCE = 8
T = TypeVar("T")
R = TypeVar("R")


class OutcomeWrong(Exception):
    """Bookings were answered, and not as the law says."""


class PlacedBooking(Struct, frozen=True):
    """One booking, answered.

    Attributes:
        attempt: What was asked for.
        lookup: What the API said of the place beforehand.
        booking: The answer.
        receipt: Why; ``None`` where no zone serves the place.
    """

    attempt: Attempt
    lookup: LookupShape
    booking: BookingShape
    receipt: ReceiptShape | None


class Played(Struct, frozen=True):
    """All that the demo did.

    Attributes:
        bookings: In order of their numbers.
        franchises: How many were admitted.
        zones: How many were opened.
        countries: In how many countries.
        time_zones: In how many time zones.
        trainers: Names of all trainers, by id.
    """

    bookings: tuple[PlacedBooking, ...]
    franchises: int
    zones: int
    countries: int
    time_zones: int
    trainers: dict[UUID, str]


async def play(client: DemoClient, count: int, seed: int, today: date, steps: Steps) -> Played:
    """Open the network, employ the trainers, place the bookings.

    Args:
        client: Speaks with the API and the sample trainer service.
        count: How many bookings.
        seed: The same seed on the same day asks for the same things.
        today: The real date in UTC.
        steps: Shows the progress.

    Raises:
        UnexpectedAnswer: The API answered otherwise than it should have.
        OutcomeWrong: A booking has another outcome than the law gives it.
    """
    chance = random.Random(seed)  # noqa: S311 - a scenario that can be replayed, no secret
    places = cities()
    plan = plan_network(places)
    lonely = lonely_zones(plan.zones, crowds_of(count))
    franchises, zones = await _open(client, plan, steps)
    staff = _staff(zones, lonely, [None, *franchises], chance, today)
    steps.tell(f"Employing {len(staff):,} trainers")
    await client.employ(staff)
    groups = plan_bookings(count, plan.zones, lonely, places, today, chance)
    with steps.counting("Placing bookings", count) as bar:
        placed = await _at_once(groups, lambda group: _place(client, group, bar))
    return Played(
        bookings=tuple(booking for group in placed for booking in group),
        franchises=len(franchises),
        zones=len(zones),
        countries=len({zone.centre.country for zone in plan.zones}),
        time_zones=len({zone.centre.time_zone for zone in plan.zones}),
        trainers={UUID(record["id"]): record["name"] for record in staff},
    )


async def _open(
    client: DemoClient, plan: NetworkPlan, steps: Steps
) -> tuple[list[UUID], list[ZoneShape]]:
    admitted = await _at_once(plan.franchises, client.admit)
    franchises = [franchise.id for franchise in admitted]
    with steps.counting("Opening zones", len(plan.zones)) as bar:

        async def open_one(number: int) -> ZoneShape:
            zone = plan.zones[number]
            owner = None if zone.franchise is None else franchises[zone.franchise]
            opened = await client.open_zone(zone, owner)
            bar.advance()
            return opened

        return franchises, await _at_once(range(len(plan.zones)), open_one)


def _staff(
    zones: Sequence[ZoneShape],
    lonely: Sequence[int],
    operators: Sequence[UUID | None],
    chance: random.Random,
    today: date,
) -> list[TrainerRecord]:
    return [
        trainer
        for number, zone in enumerate(zones)
        for trainer in staff_zone(
            OpenZone(
                zone.id,
                zone.franchise_id,
                Point(zone.centre.latitude, zone.centre.longitude),
                zone.radius_km,
            ),
            chance,
            today,
            alone=number in lonely,
            others=operators,
        )
    ]


async def _place(client: DemoClient, group: Group, bar: Bar) -> list[PlacedBooking]:
    async def one(attempt: Attempt) -> PlacedBooking:
        lookup = await client.look_up(attempt.place)
        booking = await client.book(attempt.body)
        receipts = await client.receipts(booking.id)
        bar.advance()
        return PlacedBooking(attempt, lookup, booking, receipts[0] if receipts else None)

    placed = await _at_once(group.attempts, one)
    _hold_to_the_law(group, placed)
    return placed


def _hold_to_the_law(group: Group, placed: Sequence[PlacedBooking]) -> None:
    found = Counter(one.booking.status for one in placed)
    if found != Counter(group.outcomes):
        expected = ", ".join(outcome.value for outcome in group.outcomes)
        got = ", ".join(f"{one.attempt.number}: {one.booking.status.value}" for one in placed)
        place = placed[0].attempt.place.title
        raise OutcomeWrong(f"Bookings in {place} became {got}; expected {expected}.")
    for one in placed:
        looked_up = one.lookup.zone and one.lookup.zone.id
        if looked_up != (one.booking.zone and one.booking.zone.id):
            raise OutcomeWrong(f"Booking {one.attempt.number} has another zone than the lookup.")


async def _at_once(things: Sequence[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """Work on all things, a few at once, and return the results in their order."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def guarded(thing: T) -> R:
        async with gate:
            return await work(thing)

    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(guarded(thing)) for thing in things]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in started]
