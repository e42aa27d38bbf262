"""From 1,000 stored receipts the pure core chooses the same trainers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from muster.application.place_booking import PlaceBooking
from muster.application.reassign_booking import ReassignBooking
from muster.application.use_case import Request
from muster.application.zones import CreateZone
from muster.domain.bookings import Booking, Purchase
from muster.domain.ranking import RANKING_POLICIES, RankingPolicy
from muster.domain.receipts import Receipt, ReceiptKind, replay
from muster.domain.trainers import Leave, Trainer, WeeklyHours
from muster.testing.examples import a_purchase, a_trainer
from muster.testing.machines.houses import House, World
from muster.testing.machines.places import centre
from tests.stores_of_machines import Ground, open_ground

PLACED = 800
HANDED_OVER = 400
AT_ONCE = 10
COURSE = UUID(int=0xC0)
POLICIES = {policy.name: policy for policy in RANKING_POLICIES}


@pytest.fixture(scope="module")
def ground(database_url: str) -> Iterator[Ground]:
    with open_ground(database_url) as ground:
        yield ground


def test_stored_receipts_give_their_choice_again(
    ground: Ground, pytestconfig: pytest.Config
) -> None:
    chance = Random(pytestconfig.option.hypothesis_seed)
    receipts = [one for one in ground.runner.run(_receipts(ground, chance)) if one.policy]

    kinds = Counter((one.kind, one.chosen is not None) for one in receipts)
    assert len(receipts) >= 1000, kinds
    assert kinds[ReceiptKind.PLACE, True] > 300, kinds
    assert kinds[ReceiptKind.PLACE, False] > 30, kinds
    assert kinds[ReceiptKind.REASSIGN, True] > 100, kinds

    for receipt in receipts:
        in_any_order = tuple(chance.sample(receipt.candidates, len(receipt.candidates)))
        again = replay(replace(receipt, candidates=in_any_order), _policy(receipt))
        assert again == receipt.chosen, receipt

    # What is replayed is a choice among several: another policy often chooses otherwise.
    others = [one for one in receipts if replay(one, _furthest_first()) != one.chosen]
    assert len(others) > 100


async def _receipts(ground: Ground, chance: Random) -> list[Receipt]:
    world = World()
    house = House("PostgreSQL", (await ground.stores())[-1][1], world, 0)
    house.begin("zone")
    zone = await house.ask(CreateZone("Middle", centre(0), 8.0, "Asia/Kolkata"))
    world.roster.trainers = {one.id: one for one in _trainers(zone.answer.id, world)}
    world.roster.careful = False
    trainers = list(world.roster.trainers)
    places: list[Request[Any]] = [
        PlaceBooking(_purchase(trainers, world, chance)) for _ in range(PLACED)
    ]
    bookings: list[Booking] = [
        answer.booking for answer in await _many(house, "place", places) if answer is not None
    ]
    assigned = [one for one in bookings if one.trainer_id is not None]
    handed: list[Request[Any]] = [
        ReassignBooking(one.id, chance.choice(one.sessions).id)
        for one in chance.choices(assigned, k=HANDED_OVER)
    ]
    await _many(house, "hand over", handed)
    found = [await house.store.booking_reader.receipts(one.id) for one in bookings]
    return [receipt for of_one in found for receipt in of_one]


async def _many(house: House, what: str, requests: list[Request[Any]]) -> list[Any]:
    """Send requests, some at the same time, so that some claims are lost."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def send(number: int, request: Request[Any]) -> Any:
        async with turns:
            house.begin(f"{what} {number}")
            return (await house.ask(request)).answer

    return await asyncio.gather(*(send(*numbered) for numbered in enumerate(requests)))


def _trainers(zone_id: UUID, world: World) -> Iterator[Trainer]:
    today = world.clock.now().date()
    hours = tuple(WeeklyHours(day, 8 * 60, 16 * 60) for day in range(1, 8))
    leave = (Leave(today + timedelta(days=40), today + timedelta(days=60)),)
    for number in range(9):
        yield a_trainer(
            id=UUID(int=0x70 + number),
            active=number != 8,
            zone_ids=frozenset({zone_id}),
            certified_courses=frozenset({COURSE}),
            location=None if number == 7 else centre(number // 2),
            weekly_hours=hours if number in (1, 4) else None,
            leave=leave if number in (2, 5) else (),
        )


def _purchase(trainers: list[UUID], world: World, chance: Random) -> Purchase:
    wish = chance.choice(trainers)
    return a_purchase(
        course_id=COURSE,
        start_date=world.clock.now().date() + timedelta(days=chance.randrange(1, 150)),
        preferred_time_slot=f"{chance.randrange(7, 20):02}:{chance.choice((0, 20)):02}",
        student_location=centre(0),
        preferred_trainer_id=wish if chance.random() < 0.2 else None,
        excluded_trainer_ids=(wish,) if chance.random() < 0.2 else (),
        ranking_policy=chance.choice([None, *POLICIES]),
    )


def _policy(receipt: Receipt) -> RankingPolicy:
    assert receipt.policy is not None, "somebody was ranked"
    return POLICIES[receipt.policy.name]


def _furthest_first() -> RankingPolicy:
    return RankingPolicy("furthest", 1, lambda parts: -(parts.distance_metres or 0))
