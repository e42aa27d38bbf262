"""Faults to plant in the PostgreSQL adapter: in what it sends, and in its tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct

from muster_postgres.connection import PostgresConnection

Plant = Callable[[pytest.MonkeyPatch], None]


class Guard(Struct, frozen=True):
    """A guard of a table, and the statements that take it away and put it back."""

    drop: str
    restore: str


OVERLAP = Guard(
    "ALTER TABLE schedule_slots DROP CONSTRAINT schedule_slots_overlap_excl",
    "ALTER TABLE schedule_slots ADD CONSTRAINT schedule_slots_overlap_excl "
    "EXCLUDE USING gist (trainer_id WITH =, during WITH &&) WHERE (live)",
)
TIMESLOT = Guard(
    "DROP INDEX schedule_slots_timeslot_key",
    "CREATE UNIQUE INDEX schedule_slots_timeslot_key "
    "ON schedule_slots (trainer_id, date, timeslot) WHERE live",
)
SESSION = Guard(
    "DROP INDEX schedule_slots_session_id_key",
    "CREATE UNIQUE INDEX schedule_slots_session_id_key "
    "ON schedule_slots (session_id) WHERE live AND session_id IS NOT NULL",
)
IN_FORCE = Guard(
    "DROP INDEX certificates_in_force_key",
    "CREATE UNIQUE INDEX certificates_in_force_key ON certificates (booking_id, student_id) "
    "WHERE status NOT IN ('REVOKED', 'SUPERSEDED')",
)


def nothing(patch: pytest.MonkeyPatch) -> None:
    """What is sent is right; a guard alone is gone."""


def rewriting(right: str, wrong: str) -> Plant:
    """Send every statement with one part written otherwise."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for name in ("execute", "fetch", "fetchrow"):
            patch.setattr(PostgresConnection, name, _rewriting(name, right, wrong))

    return plant


claims_without_a_look = rewriting(
    "AND held.during && (SELECT range_agg(during) FROM wanted)", "AND false"
)
"""A claim does not look again under the lock; the guards must tell it."""

zones_without_a_lock = rewriting("FOR SHARE", "")
"""The version of a zone is read, and not held."""

archived_zones_serve = rewriting("status = 'ACTIVE'", "status <> ''")
"""An archived zone is still the nearest."""

taken_numbers_fail = rewriting("ON CONFLICT (number) DO NOTHING", "")
"""A taken number breaks the unit instead of being drawn again."""

successors_forgotten = rewriting(
    "superseded_by = now.superseded_by", "superseded_by = certificate.superseded_by"
)
"""A superseded certificate does not know which one is in its place."""

freeing_the_trainers_whole_time = rewriting(
    "WHERE live AND session_id = ANY ($1::uuid[])",
    "WHERE live AND trainer_id IN (SELECT trainer_id FROM schedule_slots"
    " WHERE session_id = ANY ($1::uuid[]))",
)
"""A release frees every live slot of a trainer who taught one of the sessions."""


under_by_time_alone = rewriting("JOIN wanted USING (date, timeslot)", "JOIN wanted ON false")
"""What lies under a slot is sought by absolute time alone."""

holding_nobody = rewriting("SELECT pg_advisory_xact_lock(key) FROM unnest", "SELECT FROM unnest")
"""Others claim the time of trainers who are held."""

bookings_locked_as_asked = rewriting(
    "SELECT id FROM bookings WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
    "SELECT id FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, place) JOIN bookings"
    " USING (id) ORDER BY place FOR NO KEY UPDATE OF bookings",
)
"""Bookings are locked in the order in which they were asked for."""

bookings_without_a_lock = rewriting("ORDER BY id FOR NO KEY UPDATE", "ORDER BY id")
"""Two units change one booking at once."""

unblocking_the_trainer = rewriting(
    "WHERE live AND block_id = $1",
    "WHERE live AND block_id IS NOT NULL AND trainer_id IN"
    " (SELECT trainer_id FROM schedule_slots WHERE block_id = $1)",
)
"""A removed block frees all blocked time of its trainer."""

blocks_without_a_lock = rewriting("AND NOT removed FOR NO KEY UPDATE", "AND NOT removed")
"""Two units remove one block."""

times_not_replaced = rewriting("local_time = now.local_time,", "")
"""A moved session keeps its old time on the wall."""

zones_not_replaced = rewriting("zone_name = changed.zone_name", "zone_name = b.zone_name")
"""A changed booking keeps the name of its old zone."""

make_ups_first = rewriting(", (SELECT count(*) FROM changed) AS first", "")
"""A make-up is stored while the session that it replaces still has the number."""

the_line_of_the_zone = rewriting("AND course_id = $2 AND", "AND $2::uuid IS NOT NULL AND")
"""Whoever waits in a zone stands in one line, whatever they wait for."""

events_out_of_order = rewriting("AND earlier.position < oldest.position", "AND false")
"""A subscriber is told of all events of a booking at once."""

events_without_a_lock = rewriting("FOR UPDATE SKIP LOCKED", "")
"""Two servers tell one event."""

late_words_count = rewriting("AND attempts = $3", "AND $3 > 0")
"""A server that lost its claim settles that of another."""

dates_of_the_span_ignored = rewriting(
    "date BETWEEN $2 AND $3 OR during", "date BETWEEN $2 AND $3 AND false OR during"
)
"""Claimed time is in a span by its instants alone."""

spans_with_their_ends = rewriting(
    "during && tstzrange($4, $5)", "during && tstzrange($4, $5, '[]')"
)
"""What touches the end of a span is in it."""

long_blocks_forgotten = rewriting("during @> $4::timestamptz AND $4 < $5", "$4 > $5")
"""What began long before a span is not in it."""

freed_time_claimed = rewriting(
    "WHERE live AND trainer_id = trainer.id", "WHERE trainer_id = trainer.id"
)
"""Time that was let go still counts as claimed."""

given_up_bookings_count = rewriting(
    "WHERE status = 'SERVICE_NOT_AVAILABLE'",
    "WHERE status IN ('SERVICE_NOT_AVAILABLE', 'CANCELLED')",
)
"""Bookings that were given up count as unserved."""

times_without_their_end = rewriting("OR created_at <= $4", "OR created_at < $4")
"""The end of the time for which demand is asked is left out."""

cells_by_truncation = rewriting("floor(l", "trunc(l")
"""Around the equator and the meridian of Greenwich cells are of double size."""

students_counted_twice = rewriting("count(DISTINCT student ->> 'id')", "count(student ->> 'id')")
"""A student of two bookings is two students."""

forgotten_in_no_order = rewriting("ORDER BY at LIMIT $2", "ORDER BY at DESC LIMIT $2")
"""Of old events the newest go first."""

unparked_with_their_attempts = rewriting("SET parked = false, attempts = 0,", "SET parked = false,")
"""An event that is told again has used up its attempts already."""

all_dropped = rewriting(
    "($2::uuid[] IS NULL OR event_id = ANY ($2))", "(event_id = ANY ($2) IS NOT true OR true)"
)
"""Whoever drops one parked event drops all of them."""


def claims_without_a_count(patch: pytest.MonkeyPatch) -> None:
    """A claim takes it that all rows went in."""
    execute = PostgresConnection.execute

    async def all_went_in(self: PostgresConnection, query: str, *args: Any) -> str:
        done = await execute(self, query, *args)
        return f"INSERT 0 {len(args[0])}" if "INSERT INTO schedule_slots" in query else done

    patch.setattr(PostgresConnection, "execute", all_went_in)


def claims_by_halves(patch: pytest.MonkeyPatch) -> None:
    """A lost claim does not go back to its savepoint."""
    execute = PostgresConnection.execute

    async def going_on(self: PostgresConnection, query: str, *args: Any) -> str:
        return "" if query.startswith("ROLLBACK TO") else await execute(self, query, *args)

    patch.setattr(PostgresConnection, "execute", going_on)


def _rewriting(name: str, right: str, wrong: str) -> Callable[..., Any]:
    whole = getattr(PostgresConnection, name)

    async def rewritten(self: PostgresConnection, query: str, *args: Any) -> Any:
        return await whole(self, query.replace(right, wrong), *args)

    return rewritten
