"""The state machine that sends commands at the same time and looks for a serial order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from msgspec import Struct
from msgspec.structs import replace

from muster.application.place_booking import PlaceBooking
from muster.application.use_case import Request
from muster.application.zones import CreateZone, EditZone
from muster.domain.ranking import RANKING_POLICIES
from muster.domain.zone_changes import ZoneChanges
from muster.testing.machines.houses import House, Outcome, World
from muster.testing.machines.likeness import likeness_of_outcome, likeness_of_state
from muster.testing.machines.places import (
    TRAINERS,
    ZONE_TIMES,
    Order,
    centre,
    orders,
    purchase_of,
    ready_trainers,
)
from muster.testing.machines.properties import hold_all
from muster.testing.machines.requests import Requests, among
from muster.testing.machines.states import read_state
from muster.testing.suites.store_under_test import StoreUnderTest

__all__ = ["Commanded", "ConcurrentMachine", "Pair", "batches"]

T = TypeVar("T")

_SOME = st.integers(0, 20)
_KINDS = 14


class Pair(Struct, frozen=True):
    """The two stores of a machine, both empty.

    Attributes:
        tested: Takes commands at the same time.
        model: Takes them one after the other.
        copied: Copies the model, which goes on from there on its own.
    """

    tested: StoreUnderTest
    model: StoreUnderTest
    copied: Callable[[StoreUnderTest], StoreUnderTest]


class Commanded(Struct, frozen=True):
    """A command in small numbers: its kind, and what the kind makes of the rest."""

    kind: int
    one: int
    other: int
    third: int
    order: Order


def batches() -> st.SearchStrategy[list[Commanded]]:
    """Return one to four commands to be sent at the same time."""
    commanded = st.builds(
        Commanded,
        kind=st.integers(0, _KINDS - 1),
        one=_SOME,
        other=_SOME,
        third=_SOME,
        order=orders(),
    )
    return st.lists(commanded, min_size=1, max_size=4)


class ConcurrentMachine(RuleBasedStateMachine):
    """Sends batches at once, and holds what follows to some order of one after the other.

    Trainers are ranked by distance: how much is booked already may be read before another
    command commits, so load would rank as in no serial order, and nothing forbids that.

    Attributes:
        runner: The one loop of all examples.
        opened: Opens the stores.
        sent: How many commands all examples have sent.
        lost: How many of them ended in a conflict that may be tried again.
    """

    runner: ClassVar[asyncio.Runner]
    opened: ClassVar[Callable[[], Awaitable[Pair]]]
    sent: ClassVar[int] = 0
    lost: ClassVar[int] = 0

    def __init__(self) -> None:
        """Open the stores."""
        super().__init__()
        self.world = World()
        self._pair = self._run(type(self).opened())
        self._tested = House("tested", self._pair.tested, self.world, 1)
        self._model = House("model", self._pair.model, self.world, 0)
        self._batch = 0
        self._sold = 0
        self._conflicts = 0

    @initialize(bought=st.tuples(orders(), orders(), orders()))
    def open(self, bought: tuple[Order, ...]) -> None:
        """Open two zones; trainers come, and clients one after the other."""
        middle = CreateZone("Middle", centre(0), 6.0, ZONE_TIMES[0])
        north = CreateZone("North", centre(2), 6.0, ZONE_TIMES[1], priority=1)
        self._at_once([middle])
        self._at_once([north])
        ready = ready_trainers([zone.id for zone in self.state.zones])
        self.world.roster.trainers = {trainer.id: trainer for trainer in ready}
        for order in bought:
            self._at_once([self._purchase(order)])

    @rule(batch=batches())
    def at_once(self, batch: list[Commanded]) -> None:
        """Send commands at the same time."""
        requests = [self._request(commanded) for commanded in batch]
        self._at_once([one for one in requests if one is not None])

    @rule(days=st.integers(0, 9))
    def wait(self, days: int) -> None:
        """Let time pass."""
        self.world.clock.advance(timedelta(days=days, hours=5))

    def _at_once(self, requests: Sequence[Request[Any]]) -> None:
        self._batch += 1
        self._run(self._in_some_order(requests))

    async def _in_some_order(self, requests: Sequence[Request[Any]]) -> None:
        outcomes = await asyncio.gather(
            *(self._send(self._tested, place, one) for place, one in enumerate(requests))
        )
        self.state = await read_state(self._tested.store, TRAINERS)
        hold_all(self.state, RANKING_POLICIES)
        done = [place for place, one in enumerate(outcomes) if not one.retryable]
        ConcurrentMachine.sent += len(requests)
        ConcurrentMachine.lost += len(requests) - len(done)
        seen = likeness_of_state(self.state)
        said = {place: likeness_of_outcome(outcomes[place]) for place in done}
        tried = []
        for order in permutations(done):
            model = House("model", self._pair.copied(self._model.store), self.world, 0)
            serial = {
                place: likeness_of_outcome(await self._send(model, place, requests[place]))
                for place in order
            }
            after = likeness_of_state(await read_state(model.store, TRAINERS))
            if serial == said and after == seen:
                self._model = model
                return
            tried.append((order, serial, after))
        for order, serial, after in tried:
            note(f"{order}:")
            for difference in _differences(said, serial, seen, after):
                note(f"    {difference}")
        raise AssertionError(f"no serial order of these does what was done at once: {requests}")

    async def _send(self, house: House, place: int, request: Request[Any]) -> Outcome:
        house.begin(f"batch {self._batch} command {place}")
        return await house.ask(request)

    def _request(self, told: Commanded) -> Request[Any] | None:
        one, other, third = told.one, told.other, told.third
        fitting, days = third % 4 > 0, other % 7
        make = Requests(self.state, self.world.clock.now(), TRAINERS)
        kinds: tuple[Callable[[], Request[Any] | None], ...] = (
            lambda: self._purchase(told.order),
            lambda: self._purchase(replace(told.order, terms=0, start=1, place=0, course=0)),
            lambda: make.cancel(one),
            lambda: make.outcome(other, one, fitting),
            lambda: make.outcome(2, one, fitting),
            lambda: make.reschedule(one, days, third, fitting),
            lambda: make.make_up(one, days, third, other, fitting),
            lambda: make.reassign(one, 0, other),
            lambda: make.reassign(one, other, third),
            lambda: make.swap(one, other, fitting),
            lambda: make.block(one, other, days, ZONE_TIMES[0]),
            lambda: make.unblock(one) or make.offer(one),
            lambda: make.offer(one) if other % 2 else make.retry(one, fitting),
            lambda: self._edit(one, other),
        )
        return kinds[told.kind]()

    def _purchase(self, order: Order) -> PlaceBooking:
        self._sold += 1
        today = self._today()
        return PlaceBooking(
            replace(purchase_of(order, self._sold, today.date()), ranking_policy="nearest")
        )

    def _edit(self, zone: int, change: int) -> EditZone:
        edited = among(self.state.zones, zone)
        changes: tuple[dict[str, Any], ...] = (
            {"priority": change},
            {"radius_km": 3.0 + change % 5},
            {"name": "Middle"},
        )
        return EditZone(edited.id, ZoneChanges(edited.version, **among(changes, change)))

    def _today(self) -> datetime:
        return self.world.clock.now().astimezone(ZoneInfo(ZONE_TIMES[0]))

    def _run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return type(self).runner.run(awaited())


def _differences(
    said: dict[int, Any], serial: dict[int, Any], seen: dict[str, Any], after: dict[str, Any]
) -> Iterator[str]:
    for place, outcome in said.items():
        if serial[place] != outcome:
            yield f"command {place} was answered {outcome}\n        and serially {serial[place]}"
    for part, value in seen.items():
        if after[part] != value:
            yield f"{part} are {value}\n        and serially {after[part]}"
