"""The port from which subscribers hear of events, after the commit."""

# mypy: disable-error-code="type-abstract"
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from muster.ports.journal import RecordedEvent
from muster.ports.keys import PortKey

__all__ = ["EVENT_FEED", "MOST_COUNTED", "Backlog", "Delivery", "EventFeed", "ParkedEvent"]

MOST_COUNTED = 10_000
"""How far a backlog is counted."""


class Delivery(Struct, frozen=True):
    """An event that one subscriber is about to be told.

    Attributes:
        subscriber: Who.
        recorded: The event; its id is the idempotency key.
        attempt: Which attempt this is, from 1. Only the newest one can be settled.
    """

    subscriber: str
    recorded: RecordedEvent
    attempt: int


class ParkedEvent(Struct, frozen=True):
    """An event that a subscriber failed to hear too often; it is not tried again by itself.

    Attributes:
        subscriber: Who.
        recorded: The event.
        attempts: How often it was tried.
        error: Why the last attempt failed.
    """

    subscriber: str
    recorded: RecordedEvent
    attempts: int
    error: str


class Backlog(Struct, frozen=True):
    """How far behind a subscriber is.

    Attributes:
        waiting: Events that it is still to be told, counted as far as ``MOST_COUNTED``.
        oldest_at: UTC instant of the oldest of them.
        parked: Events that it failed to hear too often, counted as far.
    """

    waiting: int
    oldest_at: datetime | None
    parked: int


class EventFeed(Protocol):
    """What subscribers have not heard yet, shared by all servers.

    A unit of work says with each event who is to be told (``Outbox.add``), and that commits
    with it. So there is no mark up to which a subscriber has heard: whatever the order in
    which units that were open together commit, an event can be claimed from its commit on
    and none is passed over. Each subscriber hears the events of one subject (a booking;
    ``domain.events.subject_of``) in the order of their commits, since units that change one
    booking wait for each other. Events of different subjects come in no order.

    Every method may raise ``DatabaseUnavailable`` or ``TransactionConflict``.
    """

    @abstractmethod
    async def claim(
        self, subscriber: str, now: datetime, until: datetime, limit: int
    ) -> tuple[Delivery, ...]:
        """Take what a subscriber is to be told next; nobody else gets it meanwhile. A command.

        At most one event of each subject: the first that is neither heard nor parked. Servers
        that claim at once get different ones, and none waits for another.

        Args:
            subscriber: Who is to be told.
            now: UTC instant.
            until: UTC instant from which it may be claimed again unless it is settled: the
                server that had it must have died.
            limit: The most that is returned.

        Returns:
            In the order in which they were stored; each attempt counts from here on.
        """

    @abstractmethod
    async def acknowledge(self, delivery: Delivery) -> None:
        """Say that it was heard. A command, idempotent; nothing once it was claimed again."""

    @abstractmethod
    async def postpone(self, delivery: Delivery, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again. A command; as ``acknowledge``.

        Args:
            delivery: The attempt.
            until: UTC instant; what follows of the same subject waits too.
            error: Why.
        """

    @abstractmethod
    async def park(self, delivery: Delivery, error: str) -> None:
        """Give up, so that what follows of its subject goes on. A command; as ``acknowledge``."""

    @abstractmethod
    async def hand_back(self, delivery: Delivery) -> None:
        """Say that it was not tried after all. A command; as ``acknowledge``."""

    @abstractmethod
    async def parked(self, subscriber: str | None, limit: int) -> tuple[ParkedEvent, ...]:
        """Return what subscribers failed to hear, oldest first. A query.

        Args:
            subscriber: Who; ``None`` is everybody, whether or not their plugin is enabled.
            limit: The most that is returned.
        """

    @abstractmethod
    async def unpark(
        self, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        """Let parked events be told again, as if they had never been tried. A command, idempotent.

        Each takes its old place among those of its subject: what of these was not heard yet
        waits for it.

        Args:
            subscriber: To whom.
            event_ids: Which; ``None`` is all that are parked for it.

        Returns:
            Those that were parked for it.
        """

    @abstractmethod
    async def drop(
        self, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        """Let a subscriber never be told of parked events. A command, idempotent; as ``unpark``.

        The events themselves stay, and so does what others are to be told.
        """

    @abstractmethod
    async def forget(self, before: datetime, limit: int) -> int:
        """Delete old events of which nobody is to be told any more. A command.

        What waits for a subscriber or is parked for one stays, however old it is, and so does
        what a running replay has still to tell.

        Args:
            before: UTC instant; those that happened before go.
            limit: The most that is deleted, the oldest first.

        Returns:
            How many went.
        """

    @abstractmethod
    async def backlog(self, subscribers: Sequence[str]) -> dict[str, Backlog]:
        """Return how far behind each subscriber is. A query."""


EVENT_FEED = PortKey("event_feed", EventFeed)
