"""Trainers' time in PostgreSQL: what is free, claiming it, letting go of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from muster.domain.free_starts import ClaimedTime
from muster.domain.scopes import EVERYTHING, Scope
from muster.domain.sessions import PlannedSession
from muster.domain.slots import Availability, Slot, SlotState
from muster.ports.schedule import ScheduleReader, ScheduleRepository
from muster_postgres.connection import PostgresConnection
from muster_postgres.database import Database
from muster_postgres.locks import trainer_lock
from muster_postgres.scoping import own_time_bounds
from muster_postgres.slot_rows import SLOT_COLUMNS, slot_columns, slot_from

__all__ = [
    "AVAILABILITY",
    "BOOKED_DAYS",
    "LIVE_SLOTS",
    "PostgresSchedule",
    "PostgresScheduleReader",
]

# For each trainer one probe of the overlap guard's index with all the plan's times at once
# (a multirange), one walk of the timeslot guard's index along the plan's days, and one along
# the window. LATERAL with an aggregate or an OFFSET keeps it that way, whatever the planner
# believes: how long a trainer has been teaching, and who else teaches, costs nothing. A probe
# for each session took 26 ms for 30 sessions of 1,000 trainers, the walk takes 7.
AVAILABILITY = """
    WITH plan AS MATERIALIZED (
        SELECT number, day, timeslot, tstzrange(starts_at, ends_at) AS during
        FROM unnest($2::smallint[], $3::date[], $4::text[], $5::timestamptz[],
            $6::timestamptz[]) AS planned (number, day, timeslot, starts_at, ends_at)
    ),
    whole AS MATERIALIZED (SELECT range_agg(during) AS times FROM plan)
    SELECT trainer.id, conflict.numbers, booked.minutes
    FROM unnest($1::uuid[]) AS trainer (id)
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT number ORDER BY number) AS numbers
        FROM (
            SELECT plan.number
            FROM schedule_slots AS held JOIN plan ON held.during && plan.during
            WHERE held.live AND held.trainer_id = trainer.id
                AND held.during && (SELECT times FROM whole)
            UNION ALL
            SELECT plan.number
            FROM (
                SELECT date, timeslot FROM schedule_slots
                WHERE live AND trainer_id = trainer.id
                    AND date BETWEEN (SELECT min(day) FROM plan) AND (SELECT max(day) FROM plan)
                OFFSET 0
            ) AS held
            JOIN plan ON held.date = plan.day AND held.timeslot = plan.timeslot
        ) AS colliding
    ) AS conflict
    CROSS JOIN LATERAL (
        SELECT floor(extract(epoch FROM sum(upper(during) - lower(during))) / 60)::integer
            AS minutes
        FROM schedule_slots
        WHERE live AND trainer_id = trainer.id AND state = 'BOOKED'
            AND date >= $7 AND date < $8
    ) AS booked
    WHERE conflict.numbers IS NOT NULL OR booked.minutes > 0
"""
"""What live slots say about a plan; public for those who look at how it is run."""

# For each trainer one walk of the timeslot guard's index along the days.
BOOKED_DAYS = """
    SELECT trainer.id, held.date, held.sessions
    FROM unnest($1::uuid[]) AS trainer (id)
    CROSS JOIN LATERAL (
        SELECT date, count(*) AS sessions FROM schedule_slots
        WHERE live AND trainer_id = trainer.id AND state = 'BOOKED' AND date = ANY ($2::date[])
        GROUP BY date
    ) AS held
"""
"""How many sessions live slots hold on some days; public for those who look at how it is run."""

# Looked at again under the lock, and then the guards themselves: a row that is refused
# makes the count fall short, without an error and without waiting for a deadlock.
_CLAIM = """
    WITH wanted AS MATERIALIZED (
        SELECT id, trainer_id, state, date, timeslot, time_zone,
            tstzrange(starts_at, ends_at) AS during, booking_id, session_id, reason, block_id
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::text[], $6::text[],
            $7::timestamptz[], $8::timestamptz[], $9::uuid[], $10::uuid[], $11::text[],
            $12::uuid[])
            AS slot (id, trainer_id, state, date, timeslot, time_zone, starts_at, ends_at,
                booking_id, session_id, reason, block_id)
    )
    INSERT INTO schedule_slots (id, trainer_id, state, date, timeslot, time_zone, during, live,
        booking_id, session_id, reason, block_id)
    SELECT id, trainer_id, state, date, timeslot, time_zone, during, true, booking_id,
        session_id, reason, block_id
    FROM wanted
    WHERE NOT EXISTS (
        SELECT FROM schedule_slots AS held
        WHERE held.live AND held.trainer_id = $13
            AND held.during && (SELECT range_agg(during) FROM wanted)
    )
    ON CONFLICT DO NOTHING
"""

_HOLD = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS held (key)"

# By either guard; each finds its rows by its own index.
_UNDER = f"""
    WITH wanted AS MATERIALIZED (
        SELECT * FROM unnest($2::date[], $3::text[], $4::timestamptz[], $5::timestamptz[])
            AS slot (date, timeslot, starts_at, ends_at)
    )
    SELECT {SLOT_COLUMNS} FROM schedule_slots
    WHERE live AND trainer_id = $1 AND id IN (
        SELECT held.id FROM schedule_slots AS held
        WHERE held.live AND held.trainer_id = $1
            AND held.during && (SELECT range_agg(tstzrange(starts_at, ends_at)) FROM wanted)
        UNION ALL
        SELECT held.id FROM schedule_slots AS held JOIN wanted USING (date, timeslot)
        WHERE held.live AND held.trainer_id = $1
    )
    ORDER BY lower(during), id
"""  # noqa: S608 - constants

_RELEASE = """
    UPDATE schedule_slots SET live = false WHERE live AND session_id = ANY ($1::uuid[])
"""

_UNBLOCK = "UPDATE schedule_slots SET live = false WHERE live AND block_id = $1"

_SLOTS = f"""
    SELECT {SLOT_COLUMNS}
    FROM schedule_slots
    WHERE live AND trainer_id = ANY ($1::uuid[]) AND date BETWEEN $2 AND $3{{bounds}}
    ORDER BY lower(during), id
"""  # noqa: S608 - constants

# For each trainer one walk of the timeslot guard's index along the days, which finds every
# slot that begins in the span or has a date of it, and one probe of the overlap guard's index
# for the one slot that may have begun before: live slots of a trainer never overlap. Grouped
# by time, since trainers share their times: a month of 100 trainers is many thousand slots,
# and to read them as rows cost the client 38 ms. By the ends of the range, since a range as a
# key costs PostgreSQL half as much again.
LIVE_SLOTS = """
    SELECT lower(during) AS starts_at, upper(during) AS ends_at, date, timeslot, state,
        array_agg(place) AS held_by
    FROM (
        SELECT id, number::integer - 1 AS place
        FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, number)
    ) AS trainer
    CROSS JOIN LATERAL (
        SELECT during, date, timeslot, state FROM schedule_slots
        WHERE live AND trainer_id = trainer.id AND date BETWEEN $6 AND $7
            AND (date BETWEEN $2 AND $3 OR during && tstzrange($4, $5))
        UNION ALL
        SELECT during, date, timeslot, state FROM schedule_slots
        WHERE live AND trainer_id = trainer.id AND date < $6
            AND during @> $4::timestamptz AND $4 < $5
    ) AS held
    GROUP BY lower(during), upper(during), date, timeslot, state
"""
"""What live slots claim in a span; public for those who look at how it is run."""


class PostgresSchedule(ScheduleRepository):
    """Slots within one unit of work."""

    def __init__(self, connection: PostgresConnection) -> None:
        """Work on the unit's connection."""
        self._connection = connection

    async def availability(
        self,
        trainer_ids: Sequence[UUID],
        sessions: Sequence[PlannedSession],
        from_day: date,
        days: int,
    ) -> Mapping[UUID, Availability]:
        """Return what live slots say about a plan, for all trainers in one question."""
        rows = await self._connection.fetch(
            AVAILABILITY,
            trainer_ids,
            [session.number for session in sessions],
            [session.local_date for session in sessions],
            [session.local_time for session in sessions],
            [session.starts_at for session in sessions],
            [session.ends_at for session in sessions],
            from_day,
            from_day + timedelta(days=days),
        )
        return {
            id_: Availability(tuple(numbers or ()), minutes or 0) for id_, numbers, minutes in rows
        }

    async def booked_days(
        self, trainer_ids: Sequence[UUID], days: Sequence[date]
    ) -> Mapping[UUID, Mapping[date, int]]:
        """Count the sessions that live slots hold on local days, for all trainers at once."""
        counted: dict[UUID, dict[date, int]] = {}
        for id_, day, sessions in await self._connection.fetch(BOOKED_DAYS, trainer_ids, days):
            counted.setdefault(id_, {})[day] = sessions
        return counted

    async def claim(self, slots: Sequence[Slot]) -> bool:
        """Claim all of one trainer's slots, or none.

        Two statements, three when the claim is lost. The trainer's lock is taken inside a
        savepoint and a lost claim goes back to before it. So nothing of it stays, not even
        where a writer without the lock took the time between two rows, and the lock is
        free again: a unit never waits for one trainer while it holds another one in vain,
        which is how two units would come to wait for each other.
        """
        if not slots:
            return True
        trainer_id = _one_trainer(slots)
        await self._connection.execute(
            f"SAVEPOINT claim; SELECT pg_advisory_xact_lock({trainer_lock(trainer_id)})"
        )
        done = await self._connection.execute(_CLAIM, *slot_columns(slots), trainer_id)
        if done == f"INSERT 0 {len(slots)}":
            return True
        await self._connection.execute("ROLLBACK TO SAVEPOINT claim; RELEASE SAVEPOINT claim")
        return False

    async def hold(self, trainer_ids: Sequence[UUID]) -> None:
        """Keep other units from claiming these trainers' time until this one ends."""
        in_order = sorted(set(trainer_ids), key=lambda id_: id_.int)
        await self._connection.execute(_HOLD, [trainer_lock(one) for one in in_order])

    async def under(self, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        """Return the live slots with which one trainer's slots collide, in order of time."""
        if not slots:
            return ()
        rows = await self._connection.fetch(
            _UNDER,
            _one_trainer(slots),
            [slot.local_date for slot in slots],
            [slot.timeslot for slot in slots],
            [slot.starts_at for slot in slots],
            [slot.ends_at for slot in slots],
        )
        return tuple(map(slot_from, rows))

    async def release(self, session_ids: Sequence[UUID]) -> int:
        """Free the live slots of sessions."""
        return await self._freed(_RELEASE, session_ids)

    async def unblock(self, block_id: UUID) -> int:
        """Free the live slots of a block."""
        return await self._freed(_UNBLOCK, block_id)

    async def _freed(self, statement: str, argument: object) -> int:
        done = await self._connection.execute(statement, argument)
        return int(done.removeprefix("UPDATE "))


def _one_trainer(slots: Sequence[Slot]) -> UUID:
    trainer_id = slots[0].trainer_id
    if any(slot.trainer_id != trainer_id for slot in slots):
        raise ValueError("these are slots of several trainers")
    return trainer_id


class PostgresScheduleReader(ScheduleReader):
    """Committed slots."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def live_slots(
        self,
        trainer_ids: Sequence[UUID],
        from_day: date,
        to_day: date,
        starts_at: datetime,
        ends_at: datetime,
    ) -> Sequence[ClaimedTime]:
        """Return the times that trainers' live slots claim in a span, in one question."""
        # The date of any wall clock is at most a day from the date in UTC.
        first_day = min(from_day, starts_at.date() - timedelta(days=1))
        last_day = max(to_day, ends_at.date() + timedelta(days=1))
        rows = await self._database.fetch(
            LIVE_SLOTS, trainer_ids, from_day, to_day, starts_at, ends_at, first_day, last_day
        )
        return [
            ClaimedTime(
                starts_at=row["starts_at"],
                ends_at=row["ends_at"],
                local_date=row["date"],
                timeslot=row["timeslot"],
                state=SlotState(row["state"]),
                held_by=row["held_by"],
            )
            for row in rows
        ]

    async def slots(
        self, trainer_id: UUID, from_day: date, to_day: date, scope: Scope = EVERYTHING
    ) -> tuple[Slot, ...]:
        """Return a trainer's live slots by local date, both included, in order of time."""
        bounds, values = own_time_bounds(scope, "trainer_id", "booking_id", used=3)
        rows = await self._database.fetch(
            _SLOTS.format(bounds=bounds), [trainer_id], from_day, to_day, *values
        )
        return tuple(map(slot_from, rows))

    async def several(
        self, trainer_ids: Sequence[UUID], from_day: date, to_day: date
    ) -> tuple[Slot, ...]:
        """Return the live slots of several trainers, in order of time."""
        rows = await self._database.fetch(_SLOTS.format(bounds=""), trainer_ids, from_day, to_day)
        return tuple(map(slot_from, rows))
