"""Ranges of events that are told once more, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from muster.domain.events import Event
from muster.ports.event_feed import ParkedEvent
from muster.ports.event_replays import (
    EventRange,
    EventReplays,
    Passage,
    Replay,
    ReplayOrder,
    Span,
    of_distinct_subjects,
)
from muster.ports.journal import RecordedEvent
from muster.ports.unit_of_work import UnitOfWork
from muster_memory.store import MemoryStore, StoredDelivery, StoredReplay
from muster_memory.unit_of_work import MemoryUnitOfWork

__all__ = ["MemoryEventReplays"]


class MemoryEventReplays(EventReplays):
    """Replays of one store; its events are numbered from 1 in the order of their commits."""

    def __init__(self, store: MemoryStore) -> None:
        """Read from a store."""
        self._store = store

    async def span(self, wanted: EventRange) -> Span | None:
        """Return where the events of a range lie."""
        places = [place for place, recorded in self._events() if _is_of(wanted, place, recorded)]
        return Span(places[0], places[-1]) if places else None

    async def begin(self, unit: UnitOfWork, order: ReplayOrder) -> Replay:
        """Begin a replay, or find the same one running."""
        assert isinstance(unit, MemoryUnitOfWork), "replays in memory go with units in memory"
        replays = unit.transaction.replays
        key = (order.subscriber, order.wanted)
        await unit.transaction.lock("replay of a range", key)
        if (running := next(replays.where("running", key), None)) is not None:
            return running.replay
        replay = Replay(order, order.span.first - 1)
        replays.add(order.id, StoredReplay(replay))
        return replay

    async def claim(
        self,
        subscriber: str,
        kinds: Collection[type[Event]],
        now: datetime,
        until: datetime,
        limit: int,
    ) -> Passage | None:
        """Take what a subscriber is to be told next."""
        oldest = next((one for one in self._running() if _for(one) == subscriber), None)
        if oldest is None or (oldest.due_at is not None and oldest.due_at > now):
            return None
        replay = replace(oldest.replay, attempts=oldest.replay.attempts + 1)
        self._put(StoredReplay(replay, until))
        return self._passage(replay, kinds, limit)

    def _passage(self, replay: Replay, kinds: Collection[type[Event]], limit: int) -> Passage:
        order, after = replay.order, replay.position
        ahead = [
            (place, recorded)
            for place, recorded in self._events()
            if after < place <= order.span.last
            and type(recorded.event) in kinds
            and _is_of(order.wanted, place, recorded)
        ]
        told = of_distinct_subjects(ahead, 1 if replay.attempts > 1 else limit)
        reaches = order.span.last if len(told) == len(ahead) else told[-1][0]
        return Passage(order.id, order.subscriber, after, replay.attempts, told, reaches)

    async def advance(
        self, passage: Passage, position: int, parked: Sequence[ParkedEvent] = ()
    ) -> None:
        """Say how far it has come."""
        if (replay := self._open(passage)) is None:
            return
        if position == replay.order.span.last:
            self._store.replays.remove(replay.order.id)
        else:
            self._put(StoredReplay(Replay(replay.order, position)))
        for one in parked:
            given_up = StoredDelivery(one.recorded, one.attempts, error=one.error, parked=True)
            self._store.deliveries.setdefault((one.subscriber, one.recorded.id), given_up)

    async def postpone(self, passage: Passage, position: int, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        if (replay := self._open(passage)) is not None:
            attempts = 1 if position > replay.position else replay.attempts
            self._put(StoredReplay(Replay(replay.order, position, attempts, error), until))

    async def hand_back(self, passage: Passage) -> None:
        """Say that it was not tried after all."""
        if (replay := self._open(passage)) is not None:
            self._put(StoredReplay(replace(replay, attempts=replay.attempts - 1)))

    async def running(self, limit: int) -> tuple[Replay, ...]:
        """Return what is not finished, the oldest first."""
        return tuple(one.replay for one in self._running())[:limit]

    def _events(self) -> Iterator[tuple[int, RecordedEvent]]:
        positions = self._store.positions
        return ((positions[one.id], one) for one in self._store.events.all())

    def _running(self) -> list[StoredReplay]:
        return sorted(self._store.replays.all(), key=lambda one: one.replay.order.id)

    def _open(self, passage: Passage) -> Replay | None:
        stored = self._store.replays.get(passage.replay_id)
        if stored is None:
            return None
        replay = stored.replay
        is_newest = (replay.position, replay.attempts) == (passage.after, passage.attempt)
        return replay if is_newest else None

    def _put(self, stored: StoredReplay) -> None:
        self._store.replays.write({stored.replay.order.id: stored})


def _for(stored: StoredReplay) -> str:
    return stored.replay.order.subscriber


def _is_of(wanted: EventRange, place: int, recorded: RecordedEvent) -> bool:
    return (
        (wanted.first is None or place >= wanted.first)
        and (wanted.last is None or place <= wanted.last)
        and (wanted.since is None or recorded.at >= wanted.since)
        and (wanted.until is None or recorded.at < wanted.until)
    )
