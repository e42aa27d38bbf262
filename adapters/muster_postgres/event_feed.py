"""What subscribers have not heard yet, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from muster.domain.events import Event
from muster.ports.event_feed import MOST_COUNTED, Backlog, Delivery, EventFeed, ParkedEvent
from muster.ports.journal import RecordedEvent
from muster_postgres.database import Database

__all__ = ["CLAIM", "PostgresEventFeed", "recorded_event"]

# The oldest of each subject, unless it is claimed, postponed or being claimed just now; then
# what follows waits with it. Whoever sees an event of a booking sees all before it, for units
# that change one booking commit one after another. A row that another server has claimed since
# this statement began is looked at again once it is locked, and is no longer due.
CLAIM = """
    WITH ready AS MATERIALIZED (
        SELECT subscriber, event_id FROM event_deliveries AS oldest
        WHERE subscriber = $1 AND NOT parked AND due_at <= $2
            AND NOT EXISTS (
                SELECT FROM event_deliveries AS earlier
                WHERE earlier.subscriber = oldest.subscriber AND NOT earlier.parked
                    AND earlier.subject_id = oldest.subject_id
                    AND earlier.position < oldest.position
            )
        ORDER BY position
        LIMIT $4
        FOR UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE event_deliveries AS delivery SET attempts = delivery.attempts + 1, due_at = $3
        FROM ready
        WHERE delivery.subscriber = ready.subscriber AND delivery.event_id = ready.event_id
        RETURNING delivery.position, delivery.event_id, delivery.attempts
    )
    SELECT told.id, told.at, told.correlation_id, told.payload, told.trace_context,
        claimed.attempts
    FROM claimed JOIN outbox_events AS told ON told.id = claimed.event_id
    ORDER BY claimed.position
"""
"""Takes what is to be told next; public for those who look at how it is run."""

_NEWEST = "WHERE subscriber = $1 AND event_id = $2 AND attempts = $3 AND NOT parked"

_ACKNOWLEDGE = f"DELETE FROM event_deliveries {_NEWEST}"  # noqa: S608 - constants

_POSTPONE = f"""
    UPDATE event_deliveries SET due_at = $4, last_error = $5 {_NEWEST}
"""  # noqa: S608 - constants

_PARK = f"""
    UPDATE event_deliveries SET parked = true, last_error = $4 {_NEWEST}
"""  # noqa: S608 - constants

_HAND_BACK = f"""
    UPDATE event_deliveries SET attempts = attempts - 1, due_at = '-infinity' {_NEWEST}
"""  # noqa: S608 - constants

_PARKED = """
    SELECT told.id, told.at, told.correlation_id, told.payload, told.trace_context,
        delivery.subscriber, delivery.attempts, delivery.last_error
    FROM event_deliveries AS delivery JOIN outbox_events AS told ON told.id = delivery.event_id
    WHERE delivery.parked AND ($1::text IS NULL OR delivery.subscriber = $1)
    ORDER BY delivery.position
    LIMIT $2
"""

_THE_PARKED = """
    WHERE subscriber = $1 AND parked AND ($2::uuid[] IS NULL OR event_id = ANY ($2))
    RETURNING event_id
"""

_UNPARK = f"""
    UPDATE event_deliveries
    SET parked = false, attempts = 0, due_at = '-infinity', last_error = NULL {_THE_PARKED}
"""  # noqa: S608 - constants

_DROP = f"DELETE FROM event_deliveries {_THE_PARKED}"  # noqa: S608 - constants

_FORGET = """
    DELETE FROM outbox_events WHERE id IN (
        SELECT id FROM outbox_events AS told
        WHERE at < $1
            AND NOT EXISTS (
                SELECT FROM event_deliveries AS delivery WHERE delivery.event_id = told.id
            )
            AND NOT EXISTS (
                SELECT FROM event_replays AS replay
                WHERE told.position > replay.position AND told.position <= replay.last_position
            )
        ORDER BY at LIMIT $2
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""

# Counted so far and no further: to count a million rows takes as long as reading them.
_BACKLOG = """
    SELECT name AS subscriber, waiting.number AS waiting, oldest.at AS oldest_at,
        parked.number AS parked
    FROM unnest($1::text[]) AS name
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM event_deliveries AS one WHERE one.subscriber = name AND NOT one.parked
            LIMIT $2
        ) AS counted
    ) AS waiting
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT FROM event_deliveries AS one WHERE one.subscriber = name AND one.parked
            LIMIT $2
        ) AS counted
    ) AS parked
    LEFT JOIN LATERAL (
        SELECT told.at
        FROM event_deliveries AS one JOIN outbox_events AS told ON told.id = one.event_id
        WHERE one.subscriber = name AND NOT one.parked
        ORDER BY one.position
        LIMIT 1
    ) AS oldest ON true
"""

_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class PostgresEventFeed(EventFeed):
    """A row for each event and each subscriber who has not heard it."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def claim(
        self, subscriber: str, now: datetime, until: datetime, limit: int
    ) -> tuple[Delivery, ...]:
        """Take what a subscriber is to be told next, in one statement."""
        rows = await self._database.fetch(CLAIM, subscriber, now, until, limit)
        return tuple(Delivery(subscriber, recorded_event(row), row["attempts"]) for row in rows)

    async def acknowledge(self, delivery: Delivery) -> None:
        """Say that it was heard."""
        await self._settle(_ACKNOWLEDGE, delivery)

    async def postpone(self, delivery: Delivery, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        await self._settle(_POSTPONE, delivery, until, error)

    async def park(self, delivery: Delivery, error: str) -> None:
        """Give up, so that what follows of its subject goes on."""
        await self._settle(_PARK, delivery, error)

    async def hand_back(self, delivery: Delivery) -> None:
        """Say that it was not tried after all."""
        await self._settle(_HAND_BACK, delivery)

    async def parked(self, subscriber: str | None, limit: int) -> tuple[ParkedEvent, ...]:
        """Return what subscribers failed to hear, oldest first."""
        rows = await self._database.fetch(_PARKED, subscriber, limit)
        return tuple(
            ParkedEvent(row["subscriber"], recorded_event(row), row["attempts"], row["last_error"])
            for row in rows
        )

    async def unpark(
        self, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        """Let parked events be told again, as if they had never been tried."""
        return await self._of_the_parked(_UNPARK, subscriber, event_ids)

    async def drop(
        self, subscriber: str, event_ids: Collection[UUID] | None = None
    ) -> frozenset[UUID]:
        """Let a subscriber never be told of parked events."""
        return await self._of_the_parked(_DROP, subscriber, event_ids)

    async def forget(self, before: datetime, limit: int) -> int:
        """Delete old events of which nobody is to be told any more, in one statement."""
        return len(await self._database.fetch(_FORGET, before, limit))

    async def backlog(self, subscribers: Sequence[str]) -> dict[str, Backlog]:
        """Return how far behind each subscriber is, in one statement."""
        rows = await self._database.fetch(_BACKLOG, list(subscribers), MOST_COUNTED)
        return {
            row["subscriber"]: Backlog(row["waiting"], row["oldest_at"], row["parked"])
            for row in rows
        }

    async def _of_the_parked(
        self, statement: str, subscriber: str, event_ids: Collection[UUID] | None
    ) -> frozenset[UUID]:
        wanted = None if event_ids is None else list(event_ids)
        rows = await self._database.fetch(statement, subscriber, wanted)
        return frozenset(row["event_id"] for row in rows)

    async def _settle(self, statement: str, delivery: Delivery, *arguments: object) -> None:
        async with self._database.connection() as connection:
            await connection.execute(
                statement,
                delivery.subscriber,
                delivery.recorded.id,
                delivery.attempt,
                *arguments,
            )


def recorded_event(row: asyncpg.Record) -> RecordedEvent:
    """Return the event of a row of ``outbox_events``."""
    return RecordedEvent(
        row["id"],
        row["at"],
        row["correlation_id"],
        _EVENT.decode(row["payload"]),
        row["trace_context"],
    )
