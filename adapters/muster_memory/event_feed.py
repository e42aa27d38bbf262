"""What subscribers have not heard yet, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from muster.domain.events import subject_of
from muster.ports.event_feed import MOST_COUNTED, Backlog, Delivery, EventFeed, ParkedEvent
from muster_memory.store import MemoryStore, StoredDelivery

__all__ = ["MemoryEventFeed"]


class MemoryEventFeed(EventFeed):
    """Deliveries in the order of their commits."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._events = store.events
        self._positions = store.positions
        self._replays = store.replays
        self._told = store.deliveries

    async def claim(
        self, subscriber: str, now: datetime, until: datetime, limit: int
    ) -> tuple[Delivery, ...]:
        """Take what a subscriber is to be told next."""
        first: dict[UUID, StoredDelivery] = {}
        for row in self._of(subscriber):
            if not row.parked:
                first.setdefault(subject_of(row.recorded.event), row)
        due = [row for row in first.values() if row.due_at is None or row.due_at <= now]
        claimed = []
        for row in due[:limit]:
            taken = replace(row, attempts=row.attempts + 1, due_at=until)
            self._told[subscriber, row.recorded.id] = taken
            claimed.append(Delivery(subscriber, row.recorded, taken.attempts))
        return tuple(claimed)

    async def acknowledge(self, delivery: Delivery) -> None:
        """Say that it was heard."""
        if self._open(delivery) is not None:
            del self._told[delivery.subscriber, delivery.recorded.id]

    async def postpone(self, delivery: Delivery, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        if (row := self._open(delivery)) is not None:
            self._put(delivery, replace(row, due_at=until, error=error))

    async def park(self, delivery: Delivery, error: str) -> None:
        """Give up, so that what follows of its subject goes on."""
        if (row := self._open(delivery)) is not None:
            self._put(delivery, replace(row, error=error, parked=True))

    async def hand_back(self, delivery: Delivery) -> None:
        """Say that it was not tried after all."""
        if (row := self._open(delivery)) is not None:
            self._put(delivery, replace(row, attempts=row.attempts - 1, due_at=None))

    async def parked(self, subscriber: str | None, limit: int) -> tuple[ParkedEvent, ...]:
        """Return what subscribers failed to hear, oldest first."""
        found = [
            ParkedEvent(name, row.recorded, row.attempts, row.error or "")
            for (name, _), row in self._told.items()
            if row.parked and subscriber in (None, name)
        ]
        return tuple(found[:limit])

    async def unpark(
        self, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        """Let parked events be told again, as if they had never been tried."""
        chosen = self._parked_of(subscriber, event_ids)
        for event_id in chosen:
            row = self._told[subscriber, event_id]
            self._told[subscriber, event_id] = StoredDelivery(row.recorded)
        return chosen

    async def drop(
        self, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        """Let a subscriber never be told of parked events."""
        chosen = self._parked_of(subscriber, event_ids)
        for event_id in chosen:
            del self._told[subscriber, event_id]
        return chosen

    async def forget(self, before: datetime, limit: int) -> int:
        """Delete old events of which nobody is to be told any more."""
        waiting = {event_id for _, event_id in self._told}
        over = [
            one
            for one in self._events.all()
            if one.at < before and one.id not in waiting and not self._is_replayed(one.id)
        ]
        gone = sorted(over, key=lambda one: one.at)[:limit]
        for one in gone:
            self._events.remove(one.id)
            del self._positions[one.id]
        return len(gone)

    async def backlog(self, subscribers: Sequence[str]) -> dict[str, Backlog]:
        """Return how far behind each subscriber is."""
        return {one: self._backlog_of(one) for one in subscribers}

    def _is_replayed(self, event_id: UUID) -> bool:
        position = self._positions[event_id]
        return any(
            one.replay.position < position <= one.replay.order.span.last
            for one in self._replays.all()
        )

    def _backlog_of(self, subscriber: str) -> Backlog:
        waiting = [row for row in self._of(subscriber) if not row.parked]
        parked = sum(row.parked for row in self._of(subscriber))
        oldest_at = waiting[0].recorded.at if waiting else None
        return Backlog(min(len(waiting), MOST_COUNTED), oldest_at, min(parked, MOST_COUNTED))

    def _of(self, subscriber: str) -> Iterator[StoredDelivery]:
        return (row for (name, _), row in self._told.items() if name == subscriber)

    def _parked_of(self, subscriber: str, event_ids: Collection[UUID] | None) -> frozenset[UUID]:
        every = {row.recorded.id for row in self._of(subscriber) if row.parked}
        return frozenset(every if event_ids is None else every.intersection(event_ids))

    def _open(self, delivery: Delivery) -> StoredDelivery | None:
        row = self._told.get((delivery.subscriber, delivery.recorded.id))
        if row is None or row.parked or row.attempts != delivery.attempt:
            return None
        return row

    def _put(self, delivery: Delivery, row: StoredDelivery) -> None:
        self._told[delivery.subscriber, delivery.recorded.id] = row
