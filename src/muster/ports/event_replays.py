"""The port through which events are told once more, by range."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from muster.domain.events import Event, subject_of
from muster.ports.event_feed import ParkedEvent
from muster.ports.journal import RecordedEvent
from muster.ports.keys import PortKey
from muster.ports.unit_of_work import UnitOfWork

__all__ = [
    "EVENT_REPLAYS",
    "EventRange",
    "EventReplays",
    "Passage",
    "Replay",
    "ReplayOrder",
    "Span",
    "of_distinct_subjects",
]


class EventRange(Struct, frozen=True):
    """Which events; every bound that is given holds.

    Attributes:
        since: UTC instant; what happened before it is left out.
        until: UTC instant; what happened then or later is left out.
        first: The lowest position; events are numbered from 1 as they are stored, with gaps.
        last: The highest position.
    """

    since: datetime | None = None
    until: datetime | None = None
    first: int | None = None
    last: int | None = None


class Span(Struct, frozen=True):
    """Positions between which all events of a range lie; both belong to it."""

    first: int
    last: int


class ReplayOrder(Struct, frozen=True):
    """That a subscriber is to be told of a range of events once more.

    Attributes:
        id: UUIDv7, nobody's yet.
        subscriber: Who.
        wanted: What was asked for; by it an order is known that is there already.
        span: Where that lies: what is stored later does not belong to it.
        asked_at: UTC instant.
    """

    id: UUID
    subscriber: str
    wanted: EventRange
    span: Span
    asked_at: datetime


class Replay(Struct, frozen=True):
    """An order that runs, and how far it has come.

    Attributes:
        order: What is to be done.
        position: Up to which everything was told, or parked.
        attempts: How often what comes next was tried.
        error: Why the last attempt failed; ``None`` when it did not.
    """

    order: ReplayOrder
    position: int
    attempts: int = 0
    error: str | None = None


class Passage(Struct, frozen=True):
    """What is told next of a replay.

    Attributes:
        replay_id: Of which.
        subscriber: Who is told.
        after: The position up to which it had come.
        attempt: Which attempt this is, from 1. Only the newest one can be settled.
        events: By position, in order; none may be between here and there.
        reaches: The position up to which it has come once these are heard.
    """

    replay_id: UUID
    subscriber: str
    after: int
    attempt: int
    events: tuple[tuple[int, RecordedEvent], ...]
    reaches: int


def of_distinct_subjects(
    events: Sequence[tuple[int, RecordedEvent]], most: int
) -> tuple[tuple[int, RecordedEvent], ...]:
    """Return as many of the first events as may be told at the same time.

    Args:
        events: By position, in order.
        most: The most that is returned.
    """
    seen: set[UUID] = set()
    for number, (_, recorded) in enumerate(events[:most]):
        subject = subject_of(recorded.event)
        if subject in seen:
            return tuple(events[:number])
        seen.add(subject)
    return tuple(events[:most])


class EventReplays(Protocol):
    """Ranges of events that subscribers are told of once more, shared by all servers.

    A replay goes through the events in the order of their positions, and one server at a time
    has its next passage: so the events of one subject are told in their order. Of several
    replays of one subscriber the oldest goes first. What is told live goes on beside it.

    Every method may raise ``DatabaseUnavailable`` or ``TransactionConflict``.
    """

    @abstractmethod
    async def span(self, wanted: EventRange) -> Span | None:
        """Return where the events of a range lie that are committed; ``None`` if nowhere. A query.

        It may be wider than the range: what does not belong to it is left out as it is told.
        """

    @abstractmethod
    async def begin(self, unit: UnitOfWork, order: ReplayOrder) -> Replay:
        """Begin a replay with a unit's commit. A command, idempotent.

        Returns:
            The replay; of another id where the same is running for the same subscriber.
        """

    @abstractmethod
    async def claim(
        self,
        subscriber: str,
        kinds: Collection[type[Event]],
        now: datetime,
        until: datetime,
        limit: int,
    ) -> Passage | None:
        """Take what a subscriber is to be told next; nobody else gets it meanwhile. A command.

        Args:
            subscriber: Who is to be told.
            kinds: Of what; the others are passed over.
            now: UTC instant.
            until: UTC instant from which it may be claimed again unless it is settled: the
                server that had it must have died.
            limit: The most events; at most one of each subject, and a single one where the last
                attempt did not succeed.

        Returns:
            ``None`` where no replay runs for it, or another server has it.
        """

    @abstractmethod
    async def advance(
        self, passage: Passage, position: int, parked: Sequence[ParkedEvent] = ()
    ) -> None:
        """Say how far it has come. A command, idempotent; nothing once it was claimed again.

        Args:
            passage: What was claimed.
            position: Up to which everything was heard, or parked; with the last one the replay
                is over and forgotten.
            parked: What was not heard, to be parked with those of ``EventFeed``, unless the
                subscriber is to be told of it anyway.
        """

    @abstractmethod
    async def postpone(self, passage: Passage, position: int, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again. A command; as ``advance``.

        Args:
            passage: What was claimed.
            position: Up to which everything was heard; what follows has one attempt behind it,
                or all of the passage's where nothing was heard.
            until: UTC instant.
            error: Why.
        """

    @abstractmethod
    async def hand_back(self, passage: Passage) -> None:
        """Say that it was not tried after all. A command; as ``advance``."""

    @abstractmethod
    async def running(self, limit: int) -> tuple[Replay, ...]:
        """Return what is not over, the oldest first. A query.

        Args:
            limit: The most that is returned.
        """


EVENT_REPLAYS = PortKey("event_replays", EventReplays)
