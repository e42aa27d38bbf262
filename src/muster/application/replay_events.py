"""The use case that tells subscribers of a range of events once more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from muster.application.access import Forbidden, Permission
from muster.application.errors import NotFound
from muster.application.identifiers import Identifiers
from muster.application.use_case import CommandCase, Deed, Request, Work
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.event_replays import EventRange, EventReplays, Replay, ReplayOrder, Span

__all__ = ["ReplayEvents", "ReplaysEvents"]


class ReplayEvents(Request[tuple[Replay, ...]], frozen=True):
    """Tell events once more, with the ids that they were told with before.

    Attributes:
        subscriber: Who is told, as ``plugin/subscriber``; ``None`` is everybody.
        wanted: Which events.
    """

    subscriber: str | None
    wanted: EventRange


class ReplaysEvents(CommandCase[ReplayEvents, Span | None]):
    """Begins a replay for each subscriber; one that runs already is the answer.

    The answer is empty where no event lies in the range.
    """

    handles = ReplayEvents
    permission = Permission.EVENTS_REPLAY

    def __init__(
        self, replays: EventReplays, identifiers: Identifiers, subscribers: Collection[str]
    ) -> None:
        """Begin replays for these subscribers."""
        self._replays = replays
        self._identifiers = identifiers
        self._subscribers = subscribers

    async def prepare(self, command: ReplayEvents, scope: Scope) -> Span | None:
        """Find where the range lies."""
        if scope != EVERYTHING:
            raise Forbidden("Events are the whole company's.")
        if command.subscriber is not None and command.subscriber not in self._subscribers:
            raise NotFound("subscriber", command.subscriber)
        return await self._replays.span(command.wanted)

    async def perform(
        self, command: ReplayEvents, prepared: Span | None, work: Work
    ) -> tuple[Replay, ...]:
        """Begin what is not running."""
        if prepared is None:
            return ()
        chosen = sorted(self._subscribers) if command.subscriber is None else [command.subscriber]
        return tuple([await self._begun(one, command.wanted, prepared, work) for one in chosen])

    async def _begun(self, subscriber: str, wanted: EventRange, span: Span, work: Work) -> Replay:
        id_ = self._identifiers.new()
        order = ReplayOrder(id_, subscriber, wanted, span, work.now)
        replay = await self._replays.begin(work.unit, order)
        if replay.order.id == id_:
            work.deeds.append(Deed("event_replay", id_, None, {"after": _told(order)}))
        return replay


def _told(order: ReplayOrder) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(
        {"subscriber": order.subscriber, "wanted": order.wanted, "span": order.span}
    )
    return told
