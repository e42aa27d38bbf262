"""Houses: whole cores over the stores under test, in one world of clock, chance and trainers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import Struct

from muster.application.access import Permission, Principal
from muster.application.catalogue import CorePorts, core_cases
from muster.application.dispatcher import Dispatcher
from muster.application.placement import AssignmentRules
from muster.application.read_certificates import Issuer
from muster.application.use_case import Caller, Request
from muster.domain.certificate_names import NameDisplay
from muster.domain.errors import DomainError
from muster.testing.clock import FakeClock
from muster.testing.machines.chance import CommandChance, RewindingUnits
from muster.testing.machines.roster import Roster, RosterDirectory
from muster.testing.suites.store_under_test import StoreUnderTest

__all__ = ["House", "Outcome", "World"]

R = TypeVar("R")

_CALLER = Caller(Principal("machine", frozenset(Permission)), "machine")
_ISSUER = Issuer("The Company", NameDisplay.INITIALS)


class Outcome(Struct, frozen=True):
    """What became of a request.

    Attributes:
        answer: What was answered; ``None`` where it was refused.
        refusal: The code of the refusal with the codes and places of its faults.
        retryable: Whether the same request may succeed later.
    """

    answer: Any = None
    refusal: tuple[str, ...] | None = None
    retryable: bool = False


class World:
    """What all houses of a machine share.

    Attributes:
        clock: Stands still unless the machine moves it.
        chance: Gives each command its own bits.
        roster: The trainers.
    """

    def __init__(self, now: datetime = datetime(2027, 3, 8, 6, 0, tzinfo=UTC)) -> None:
        """Begin at an instant."""
        self.clock = FakeClock(now)
        self.chance = CommandChance()
        self.roster = Roster()


class House:
    """A core over one store.

    Attributes:
        name: As failures call it.
        store: The store.
    """

    def __init__(self, name: str, store: StoreUnderTest, world: World, turn: int) -> None:
        """Compose the core.

        Args:
            name: As failures call it.
            store: Empty.
            world: Shared with the other houses.
            turn: Which house it is, from 0: trainers come to each in another order.
        """
        self.name = name
        self.store = store
        self._chance = world.chance
        ports = CorePorts(
            clock=world.clock,
            entropy=world.chance,
            units=RewindingUnits(store.unit_of_work, world.chance),
            franchises=store.franchise_reader,
            zones=store.zone_reader,
            locator=store.zone_locator,
            bookings=store.booking_reader,
            blocks=store.block_reader,
            schedule=store.schedule_reader,
            calendars=store.calendar_reader,
            certificates=store.certificate_reader,
            demand=store.demand_reader,
            audit=store.audit_reader,
            replays=store.event_replays,
            directory=RosterDirectory(world.roster, world.clock, turn),
        )
        cases = core_cases(ports, AssignmentRules(), _ISSUER)
        self.dispatcher = _CountingDispatcher(cases, ports.units, ports.clock, world.chance)
        self.caller = _CALLER

    async def ask(self, request: Request[Any]) -> Outcome:
        """Send a request."""
        try:
            return Outcome(await self.dispatcher.dispatch(request, _CALLER))
        except DomainError as refused:
            return _refusal(refused)

    async def rehearse(self, command: Request[Any]) -> Outcome:
        """Rehearse a command; the answer is that of the rehearsed command."""
        try:
            return Outcome((await self.dispatcher.rehearse(command, _CALLER)).answer)
        except DomainError as refused:
            return _refusal(refused)

    def begin(self, seed: str) -> None:
        """Begin a course of commands: what the present task draws follows from the seed."""
        self._chance.begin(seed)


class _CountingDispatcher(Dispatcher):
    """Draws anew for each command; a rehearsal draws what the command after it will draw."""

    async def dispatch(self, request: Request[R], caller: Caller) -> R:
        """Run the use case of a request."""
        answer = await super().dispatch(request, caller)
        assert isinstance(self._entropy, CommandChance)
        self._entropy.next_command()
        return answer


def _refusal(refused: DomainError) -> Outcome:
    faults = tuple(f"{fault.path}: {fault.code}" for fault in refused.faults)
    return Outcome(refusal=(refused.code, *faults), retryable=refused.retryable)
