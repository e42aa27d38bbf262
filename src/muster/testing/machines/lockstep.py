"""One request to several houses: one outcome, one state, and the ten properties."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from muster.application.use_case import Request
from muster.application.waitlist import promote_line
from muster.application.zones import ArchiveZone, CreateZone, EditZone
from muster.domain.ranking import RANKING_POLICIES
from muster.testing.machines.choices import trainers_are_judged_by_the_law
from muster.testing.machines.houses import House, Outcome
from muster.testing.machines.places import TRAINERS
from muster.testing.machines.properties import (
    candidates_in_any_order_give_one_outcome,
    failures_leave_nothing,
    hold_all,
)
from muster.testing.machines.roster import Roster
from muster.testing.machines.states import NOTHING, Journal, State, read_journal, read_state

__all__ = ["Lockstep"]

_OF_ZONES = (CreateZone, EditZone, ArchiveZone)


class Lockstep:
    """Keeps houses in step, and looks at all of them after every step.

    Attributes:
        houses: To which candidates come in different orders.
        state: What they agree on.
    """

    def __init__(self, houses: Sequence[House], roster: Roster) -> None:
        """Begin with empty houses.

        Args:
            houses: All of one world.
            roster: The trainers of that world.
        """
        self.houses = tuple(houses)
        self._roster = roster
        self.state = NOTHING
        self._journal = Journal((), ())
        self._steps = 0

    async def send(self, request: Request[Any]) -> Outcome:
        """Send a request to all houses, and hold them to one outcome and to the properties.

        Returns:
            The outcome that they agree on.

        Raises:
            AssertionError: They disagree, or a property does not hold.
        """
        outcome = await self._agreed(request)
        await self._look(
            refused=outcome.refusal is not None, zones_too=isinstance(request, _OF_ZONES)
        )
        return outcome

    async def rehearse_and_send(self, command: Request[Any]) -> Outcome:
        """Rehearse a command, then send it: it must do what the rehearsal said."""
        rehearsed = await self._rehearsed(command)
        outcome = await self.send(command)
        assert rehearsed == outcome, f"rehearsed as {rehearsed}\n    and then {outcome}"
        return outcome

    async def rehearse(self, command: Request[Any]) -> Outcome:
        """Rehearse a command; nothing may change by it."""
        outcome = await self._rehearsed(command)
        await self._look(refused=True)
        return outcome

    async def send_unseen(self, request: Request[Any]) -> Outcome:
        """Send a request as one of many that make up a step; ``look`` ends the step."""
        return await self._agreed(request)

    async def ask(self, query: Request[Any]) -> tuple[Outcome, ...]:
        """Ask all houses a question; nothing may change by it."""
        outcomes = await self._from_each(query)
        await self._look(refused=True)
        return outcomes

    async def promote(self, line: tuple[Any, Any]) -> None:
        """Promote a line in all houses."""
        self._steps += 1

        async def promoted(house: House) -> object:
            house.begin(f"step {self._steps}")
            return await promote_line(house.dispatcher, house.caller, *line)

        self.agree(await asyncio.gather(*map(promoted, self.houses)), f"promoting {line}")
        await self._look(refused=False)

    async def look(self) -> None:
        """Look at all houses after requests that were sent unseen."""
        await self._look(refused=False, zones_too=True)

    async def look_at_everything(self) -> None:
        """Read everything anew, without relying on what was seen before."""
        read = await asyncio.gather(*(read_state(one.store, TRAINERS) for one in self.houses))
        candidates_in_any_order_give_one_outcome(read)
        hold_all(read[0], RANKING_POLICIES)
        await self._same_journals()

    def agree(self, answers: Sequence[object], what: object) -> None:
        """Hold the houses to one answer.

        Args:
            answers: Of each, in the order of the houses.
            what: To what they answer.
        """
        for house, answer in zip(self.houses[1:], answers[1:], strict=True):
            assert answer == answers[0], (
                f"{what}:\n{self.houses[0].name} answers {answers[0]}\n{house.name} {answer}"
            )

    async def _agreed(self, request: Request[Any]) -> Outcome:
        outcomes = await self._from_each(request)
        self.agree(outcomes, request)
        return outcomes[0]

    async def _from_each(self, request: Request[Any]) -> tuple[Outcome, ...]:
        self._steps += 1

        async def sent(house: House) -> Outcome:
            house.begin(f"step {self._steps}")
            return await house.ask(request)

        return tuple(await asyncio.gather(*map(sent, self.houses)))

    async def _rehearsed(self, command: Request[Any]) -> Outcome:
        async def rehearsed(house: House) -> Outcome:
            house.begin(f"step {self._steps + 1}")
            return await house.rehearse(command)

        outcomes = await asyncio.gather(*map(rehearsed, self.houses))
        self.agree(outcomes, f"rehearsing {command}")
        return outcomes[0]

    async def _look(self, *, refused: bool, zones_too: bool = False) -> None:
        before = self.state
        states = await asyncio.gather(
            *(read_state(one.store, TRAINERS, before, zones_too=zones_too) for one in self.houses)
        )
        candidates_in_any_order_give_one_outcome(states)
        if refused:
            journal = self._journal
            failures_leave_nothing(before, states[0])
            failures_leave_nothing(journal, await self._same_journals())
        elif states[0] != before:
            self._journal = await read_journal(self.houses[0].store)
            self._accept(states[0])

    def _accept(self, state: State) -> None:
        before, self.state = self.state, state
        hold_all(state, RANKING_POLICIES)
        trainers_are_judged_by_the_law(before, state, self._roster.trainers)

    async def _same_journals(self) -> Journal:
        journals = await asyncio.gather(*(read_journal(one.store) for one in self.houses))
        self.agree(journals, "the journals")
        return journals[0]
