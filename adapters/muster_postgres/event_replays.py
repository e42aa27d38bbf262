"""Ranges of events that are told once more, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from muster.domain.events import Event, subject_of
from muster.domain.identifiers import uuid7
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
from muster.ports.unit_of_work import UnitOfWork
from muster_postgres.database import Database
from muster_postgres.event_feed import recorded_event

__all__ = ["PostgresEventReplays"]

_MOST_PASSED_OVER = 1_000
"""Events that one claim looks at, where few are of a kind that the subscriber wants."""

_MARGIN = timedelta(minutes=1)
"""More than what lies between the instant of an event, its id and its being stored."""

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

# The ids of events are in order of time, and have an index. Which position is the lowest or the
# highest of a time is therefore near the first or last id of it; the margin makes up for "near".
_SPAN = """
    SELECT (SELECT max(position) FROM outbox_events) AS newest,
        (SELECT position FROM outbox_events WHERE id >= $1 ORDER BY id LIMIT 1) AS since,
        (SELECT position FROM outbox_events WHERE id < $2 ORDER BY id DESC LIMIT 1) AS until
"""

_COLUMNS = """
    id, subscriber, since, until, from_position, to_position, first_position, last_position,
    position, attempts, last_error, asked_at
"""

# Where the same runs already its row is locked and returned as it is; one that ends just now
# is no hindrance.
_BEGIN = f"""
    INSERT INTO event_replays AS replay (id, subscriber, since, until, from_position,
        to_position, first_position, last_position, position, asked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7::bigint - 1, $9)
    ON CONFLICT ON CONSTRAINT event_replays_wanted_key
        DO UPDATE SET asked_at = replay.asked_at
    RETURNING {_COLUMNS}
"""  # noqa: S608 - constants

# A row that another server has claimed since this statement began is looked at again once it is
# locked, and is no longer due. Whole rows, which may be long, are read only of what is told.
_CLAIM = """
    WITH oldest AS MATERIALIZED (
        SELECT id FROM event_replays AS replay
        WHERE subscriber = $1 AND due_at <= $2
            AND NOT EXISTS (
                SELECT FROM event_replays AS earlier
                WHERE earlier.subscriber = replay.subscriber AND earlier.id < replay.id
            )
        FOR UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE event_replays AS replay SET attempts = replay.attempts + 1, due_at = $3
        FROM oldest WHERE replay.id = oldest.id
        RETURNING replay.id, replay.since, replay.until, replay.position, replay.last_position,
            replay.attempts
    ),
    stretch AS MATERIALIZED (
        SELECT told.* FROM claimed CROSS JOIN LATERAL (
            SELECT position, event, at FROM outbox_events
            WHERE position > claimed.position AND position <= claimed.last_position
            ORDER BY position
            LIMIT $6
        ) AS told
    ),
    wanted AS (
        SELECT stretch.position FROM stretch CROSS JOIN claimed
        WHERE stretch.event = ANY ($4::text[])
            AND (claimed.since IS NULL OR stretch.at >= claimed.since)
            AND (claimed.until IS NULL OR stretch.at < claimed.until)
        ORDER BY stretch.position
        LIMIT (SELECT CASE WHEN attempts > 1 THEN 1 ELSE $5::integer END FROM claimed)
    )
    SELECT claimed.id AS replay_id, claimed.position AS after, claimed.attempts,
        claimed.last_position, seen.number AS seen, seen.last AS seen_to,
        told.position, told.id, told.at, told.correlation_id, told.payload, told.trace_context
    FROM claimed
    CROSS JOIN (SELECT count(*) AS number, max(position) AS last FROM stretch) AS seen
    LEFT JOIN (wanted JOIN outbox_events AS told USING (position)) ON true
    ORDER BY told.position
"""

_NEWEST = "WHERE id = $1 AND position = $2 AND attempts = $3"

_ADVANCE = f"""
    WITH ended AS (
        DELETE FROM event_replays {_NEWEST} AND last_position = $4 RETURNING subscriber
    ),
    advanced AS (
        UPDATE event_replays SET position = $4, attempts = 0, due_at = '-infinity',
            last_error = NULL
        {_NEWEST} AND last_position > $4 RETURNING subscriber
    )
    INSERT INTO event_deliveries (subscriber, event_id, subject_id, attempts, parked, last_error)
    SELECT settled.subscriber, given.event_id, given.subject_id, given.attempts, true, given.error
    FROM (TABLE ended UNION ALL TABLE advanced) AS settled
    CROSS JOIN unnest($5::uuid[], $6::uuid[], $7::integer[], $8::text[])
        AS given (event_id, subject_id, attempts, error)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants

_POSTPONE = f"""
    UPDATE event_replays SET position = $4, due_at = $5, last_error = $6,
        attempts = CASE WHEN $4 > position THEN 1 ELSE attempts END
    {_NEWEST}
"""  # noqa: S608 - constants

_HAND_BACK = f"""
    UPDATE event_replays SET attempts = attempts - 1, due_at = '-infinity' {_NEWEST}
"""  # noqa: S608 - constants

_RUNNING = f"""
    SELECT {_COLUMNS} FROM event_replays ORDER BY id LIMIT $1
"""  # noqa: S608 - constants


class PostgresEventReplays(EventReplays):
    """A row for each replay, with the position up to which it has come."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def span(self, wanted: EventRange) -> Span | None:
        """Return where the events of a range lie, in one statement."""
        since = _id_of(wanted.since, -_MARGIN)
        until = _id_of(wanted.until, _MARGIN)
        row = await self._database.fetchrow(_SPAN, since, until)
        if row is None or row["newest"] is None:
            return None
        first = 1 if since is None else row["since"]
        last = row["newest"] if until is None else row["until"]
        if first is None or last is None:
            return None
        span = Span(
            max(first, wanted.first or 1),
            min(last, last if wanted.last is None else wanted.last),
        )
        return span if span.first <= span.last else None

    async def begin(self, unit: UnitOfWork, order: ReplayOrder) -> Replay:
        """Begin a replay, or find the same one running, in one statement."""
        wanted = order.wanted
        row = await unit.connection.fetchrow(
            _BEGIN,
            order.id,
            order.subscriber,
            wanted.since,
            wanted.until,
            wanted.first,
            wanted.last,
            order.span.first,
            order.span.last,
            order.asked_at,
        )
        assert row is not None
        return _replay(row)

    async def claim(
        self,
        subscriber: str,
        kinds: Collection[type[Event]],
        now: datetime,
        until: datetime,
        limit: int,
    ) -> Passage | None:
        """Take what a subscriber is to be told next, in one statement."""
        names = [kind.__name__ for kind in kinds]
        rows = await self._database.fetch(
            _CLAIM, subscriber, now, until, names, limit, _MOST_PASSED_OVER
        )
        return _passage(subscriber, rows, limit) if rows else None

    async def advance(
        self, passage: Passage, position: int, parked: Sequence[ParkedEvent] = ()
    ) -> None:
        """Say how far it has come."""
        await self._settle(
            _ADVANCE,
            passage,
            position,
            [one.recorded.id for one in parked],
            [subject_of(one.recorded.event) for one in parked],
            [one.attempts for one in parked],
            [one.error for one in parked],
        )

    async def postpone(self, passage: Passage, position: int, until: datetime, error: str) -> None:
        """Say that an attempt failed and when to try again."""
        await self._settle(_POSTPONE, passage, position, until, error)

    async def hand_back(self, passage: Passage) -> None:
        """Say that it was not tried after all."""
        await self._settle(_HAND_BACK, passage)

    async def running(self, limit: int) -> tuple[Replay, ...]:
        """Return what is not finished, the oldest first."""
        return tuple(_replay(row) for row in await self._database.fetch(_RUNNING, limit))

    async def _settle(self, statement: str, passage: Passage, *arguments: object) -> None:
        async with self._database.connection() as connection:
            await connection.execute(
                statement, passage.replay_id, passage.after, passage.attempt, *arguments
            )


def _id_of(instant: datetime | None, margin: timedelta) -> UUID | None:
    """Return the least id of an instant; ``None`` where no event can be so early or so late."""
    if instant is None or not _EARLIEST <= instant <= _LATEST:
        return None
    return uuid7(instant + margin, 0)


def _passage(subscriber: str, rows: Sequence[asyncpg.Record], limit: int) -> Passage:
    head = rows[0]
    found = [(row["position"], recorded_event(row)) for row in rows if row["id"] is not None]
    most = 1 if head["attempts"] > 1 else limit
    told = of_distinct_subjects(found, most)
    if len(told) < len(found) or len(found) == most:
        reaches = told[-1][0]
    elif head["seen"] < _MOST_PASSED_OVER:
        reaches = head["last_position"]
    else:
        reaches = head["seen_to"]
    return Passage(head["replay_id"], subscriber, head["after"], head["attempts"], told, reaches)


def _replay(row: asyncpg.Record) -> Replay:
    wanted = EventRange(row["since"], row["until"], row["from_position"], row["to_position"])
    span = Span(row["first_position"], row["last_position"])
    order = ReplayOrder(row["id"], row["subscriber"], wanted, span, row["asked_at"])
    return Replay(order, row["position"], row["attempts"], row["last_error"])
