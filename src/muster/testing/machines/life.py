"""The state machine that drives houses in lockstep through the life of bookings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from muster.application.franchises import CreateFranchise
from muster.application.place_booking import PlaceBooking
from muster.application.use_case import Request
from muster.application.zones import CreateZone
from muster.testing.machines.houses import House, World
from muster.testing.machines.lockstep import Lockstep
from muster.testing.machines.places import (
    TRAINERS,
    ZONE_TIMES,
    Order,
    centre,
    changed_trainer,
    orders,
    purchase_of,
    ready_trainers,
)
from muster.testing.machines.requests import Requests, among
from muster.testing.machines.states import State
from muster.testing.suites.store_under_test import StoreUnderTest

__all__ = ["BEGINNINGS", "NUMBER", "LifeMachine"]

T = TypeVar("T")

NUMBER = st.integers(0, 59)
"""Picks among things; see ``requests``."""

BEGINNINGS = (
    datetime(2027, 3, 8, 6, 0, tzinfo=UTC),
    datetime(2027, 3, 24, 21, 30, tzinfo=UTC),
    datetime(2026, 10, 20, 11, 0, tzinfo=UTC),
    datetime(2026, 9, 30, 23, 50, tzinfo=UTC),
)
"""Instants shortly before clocks change in some of the time zones."""


class LifeMachine(RuleBasedStateMachine):
    """What all machines of this package share: houses, a world, and how to send to them.

    Attributes:
        runner: The one loop of all examples.
        stores: Opens the stores to be compared, empty, each with its name.
    """

    runner: ClassVar[asyncio.Runner]
    stores: ClassVar[Callable[[], Awaitable[Sequence[tuple[str, StoreUnderTest]]]]]

    def __init__(self) -> None:
        """Open the houses."""
        super().__init__()
        self.world = World()
        opened = self.run(type(self).stores())
        self.play = Lockstep(
            [House(name, store, self.world, turn) for turn, (name, store) in enumerate(opened)],
            self.world.roster,
        )
        self.sold = 0
        self.sound = True

    @initialize(
        beginning=st.sampled_from(BEGINNINGS),
        time_zone=st.sampled_from(ZONE_TIMES),
        franchised=st.sampled_from((False, False, False, True)),
        bought=st.tuples(orders(), orders(), orders()),
    )
    def open(
        self, beginning: datetime, time_zone: str, franchised: bool, bought: tuple[Order, ...]
    ) -> None:
        """Open a franchise and two zones, one over the other; trainers and clients come."""
        self.world.clock.set(beginning)
        self.step(self._open_zones(time_zone, franchised))
        self.trainers_come()
        self.step(self._sell(bought))

    async def _open_zones(self, time_zone: str, franchised: bool) -> None:
        franchise = (await self.play.send_unseen(CreateFranchise("Franchise"))).answer
        self.franchises = [franchise.id]
        owner = franchise.id if franchised else None
        north = CreateZone("North", centre(2), 6.0, ZONE_TIMES[1], owner, priority=1)
        await self.play.send_unseen(CreateZone("Middle", centre(0), 6.0, time_zone))
        await self.play.send_unseen(north)
        await self.play.look()

    async def _sell(self, bought: tuple[Order, ...]) -> None:
        for order in bought:
            await self.play.send_unseen(PlaceBooking(self.purchase(order)))
        await self.play.look()

    @property
    def state(self) -> State:
        """What the houses agree on."""
        return self.play.state

    @property
    def now(self) -> datetime:
        """UTC instant."""
        return self.world.clock.now()

    @property
    def today(self) -> date:
        """The local day where most bookings are."""
        return self.now.astimezone(ZoneInfo(self.state.zones[0].time_zone)).date()

    @property
    def requests(self) -> Requests:
        """Makes requests about what there is."""
        return Requests(self.state, self.now, TRAINERS)

    def run(self, work: Awaitable[T]) -> T:
        """Run work on the one loop."""

        async def awaited() -> T:
            return await work

        return type(self).runner.run(awaited())

    def step(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step; after one that failed nothing more is looked at."""
        self.sound = False
        done = self.run(work)
        self.sound = True
        return done

    def send(self, request: Request[Any] | None) -> Any:
        """Send a request to all houses, if there is one; return the outcome."""
        if request is None:
            return None
        outcome = self.step(self.play.send(request))
        note(f"    {outcome.refusal or 'done'}")
        return outcome

    def rehearse_and_send(self, command: Request[Any] | None) -> None:
        """Rehearse a command, if there is one, then send it."""
        if command is not None:
            outcome = self.step(self.play.rehearse_and_send(command))
            note(f"    {outcome.refusal or 'done'}")

    def trainers_come(self, franchise_id: UUID | None = None) -> None:
        """Let trainers of an operator come who teach in every zone; the service names them."""
        ready = ready_trainers([zone.id for zone in self.state.zones], franchise_id)
        self.world.roster.trainers = {trainer.id: trainer for trainer in ready}
        self.world.roster.available = True

    def change_trainer_by(self, trainer: int, change: int) -> UUID:
        """Let the trainer service say something else of a trainer; return whom."""
        trainers = self.world.roster.trainers
        known = among(list(trainers.values()), trainer)
        zones = [zone.id for zone in self.state.zones]
        after = changed_trainer(known, change, zones, self.franchises, self.today)
        trainers[known.id] = after
        return known.id

    def purchase(self, order: Order) -> Any:
        """Return the purchase that an order means today."""
        self.sold += 1
        return purchase_of(order, self.sold, self.today)

    def teardown(self) -> None:
        """Look at everything once more, unless something was wrong already."""
        if self.sound and self.state.zones:
            self.run(self.play.look_at_everything())
