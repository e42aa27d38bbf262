"""The statements that every booking runs use their indexes on a filled table."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from muster.domain.geography import Point, unit_vector
from muster.domain.planning import plan_sessions
from muster.testing.examples import a_purchase
from muster_postgres.calendar_reader import CALENDAR
from muster_postgres.demand import DEMAND
from muster_postgres.schedule import AVAILABILITY, LIVE_SLOTS
from muster_postgres.zone_locator import AROUND

pytestmark = pytest.mark.anyio

TRAINERS = "SELECT array_agg(DISTINCT trainer_id) FROM schedule_slots"
FILL_SLOTS = """
    INSERT INTO schedule_slots (id, trainer_id, date, timeslot, during, live, time_zone, state,
        booking_id, session_id)
    SELECT gen_random_uuid(), md5(trainer::text)::uuid, begins::date, to_char(begins, 'HH24:MI'),
        tstzrange(begins AT TIME ZONE 'UTC', begins AT TIME ZONE 'UTC' + interval '40 minutes'),
        true, 'UTC', 'BOOKED', gen_random_uuid(), gen_random_uuid()
    FROM generate_series(1, 200) AS trainer,
        generate_series(timestamp '2026-10-01 09:00', '2027-04-30', '1 day') AS begins
"""
FILL_BOOKINGS = """
    INSERT INTO bookings (id, status, course_id, class_type, total_sessions, delivery_mode,
        start_date, preferred_time_slot, latitude, longitude, students, fingerprint,
        excluded_trainer_ids, version, created_at, updated_at)
    SELECT gen_random_uuid(), CASE WHEN number % 10 = 0 THEN 'SERVICE_NOT_AVAILABLE'
            ELSE 'PENDING' END, gen_random_uuid(), 'ONE_ON_ONE', 10, 'DAILY', '2027-01-11', '17:00',
        number % 90, number % 180, '[{"id": "1"}]', '', '{}', 1, now(), now()
    FROM generate_series(1, 10000) AS number
"""
FILL_ZONES = """
    INSERT INTO zones (id, name, folded_name, latitude, longitude, radius_km, centre, reach,
        reach_chord, time_zone, priority, status, version, created_at, updated_at)
    SELECT gen_random_uuid(), number, number, degrees(asin(z)), longitude, 5,
        cube(ARRAY[x, y, z]), cube_enlarge(cube(ARRAY[x, y, z]), 0.000785, 3), 0.000785,
        'UTC', 0, 'ACTIVE', 1, now(), now()
    FROM generate_series(1, 30000) AS number,
        LATERAL (SELECT sin(number) AS z, (number * 137.5) % 360 - 180 AS longitude) AS place,
        LATERAL (SELECT cos(asin(z)) * cos(radians(longitude)) AS x,
            cos(asin(z)) * sin(radians(longitude)) AS y) AS vector
"""


@pytest.fixture
async def filled(clean_database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(clean_database, server_settings={"jit": "off"})
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("plan", ["custom", "generic"])
async def test_availability_probes_the_two_guards(
    filled: asyncpg.Connection[asyncpg.Record], plan: str
) -> None:
    await filled.execute(FILL_SLOTS)
    await filled.execute("ANALYZE schedule_slots")
    nodes = await planned(filled, AVAILABILITY, await question(filled), plan)
    assert indexes(nodes) == {"schedule_slots_overlap_excl", "schedule_slots_timeslot_key"}
    assert "schedule_slots" not in read_whole(nodes)


@pytest.mark.parametrize("plan", ["custom", "generic"])
async def test_a_calendar_reads_one_trainers_slots(
    filled: asyncpg.Connection[asyncpg.Record], plan: str
) -> None:
    await filled.execute(FILL_SLOTS)
    await filled.execute(
        "UPDATE schedule_slots SET live = false WHERE timeslot = '09:00' "
        "AND extract(day FROM date) = 13"
    )
    await filled.execute("ANALYZE schedule_slots")
    (trainer_id, *_) = await filled.fetchval(TRAINERS)
    window = [trainer_id, date(2026, 11, 1), date(2026, 11, 30), 5_000]
    nodes = await planned(filled, CALENDAR.format(bounds=""), window, plan)
    assert indexes(nodes) >= {"schedule_slots_timeslot_key", "schedule_slots_given_up_idx"}
    assert "schedule_slots" not in read_whole(nodes)


async def test_live_slots_walk_the_days_and_probe_the_beginning(
    filled: asyncpg.Connection[asyncpg.Record],
) -> None:
    await filled.execute(FILL_SLOTS)
    await filled.execute("ANALYZE schedule_slots")
    first, last = date(2027, 1, 1), date(2027, 1, 31)
    begins, ends = (
        datetime(day.year, day.month, day.day, tzinfo=UTC)
        for day in (first, last + timedelta(days=1))
    )
    day = timedelta(days=1)
    trainers = (await filled.fetchval(TRAINERS))[:20]
    asked = [trainers, first, last, begins, ends, first - day, last + 2 * day]
    for plan in ("custom", "generic"):
        nodes = await planned(filled, LIVE_SLOTS, asked, plan)
        assert indexes(nodes) == {"schedule_slots_overlap_excl", "schedule_slots_timeslot_key"}
        assert "schedule_slots" not in read_whole(nodes)


async def test_unserved_demand_is_grouped_from_its_index_alone(
    filled: asyncpg.Connection[asyncpg.Record],
) -> None:
    await filled.execute(FILL_BOOKINGS)
    await filled.execute("ANALYZE bookings")
    # What a small table fits in is read another way; here it is told that the index suffices.
    await filled.execute("SET enable_bitmapscan = off; SET enable_seqscan = off")
    statement = DEMAND.format(beyond="<", order="DESC")
    asked = [UUID(int=0), 10, *[None] * 8, 2, 5, None]
    nodes = await planned(filled, statement, asked, "custom")
    (scan,) = [node for node in nodes if node.get("Index Name") == "bookings_unserved_idx"]
    assert (scan["Node Type"], scan["Actual Rows"]) == ("Index Only Scan", 1_000)


@pytest.mark.parametrize("plan", ["custom", "generic"])
@pytest.mark.parametrize("place", [Point(89.9, 0), Point(0, 180), Point(0, -42.5)])
async def test_the_locator_uses_both_spatial_indexes(
    filled: asyncpg.Connection[asyncpg.Record], plan: str, place: Point
) -> None:
    await filled.execute(FILL_ZONES)
    await filled.execute("ANALYZE zones")
    nodes = await planned(filled, AROUND, [unit_vector(place)], plan)
    assert indexes(nodes) == {"zones_reach_idx", "zones_centre_idx"}
    assert "zones" not in read_whole(nodes)


async def question(connection: asyncpg.Connection[asyncpg.Record]) -> list[Any]:
    sessions = plan_sessions(a_purchase(total_sessions=30), "Asia/Kolkata")
    first = sessions[0].local_date
    return [
        await connection.fetchval(TRAINERS),
        [session.number for session in sessions],
        [session.local_date for session in sessions],
        [session.local_time for session in sessions],
        [session.starts_at for session in sessions],
        [session.ends_at for session in sessions],
        first,
        first + timedelta(days=28),
    ]


async def planned(
    connection: asyncpg.Connection[asyncpg.Record], statement: str, args: list[Any], plan: str
) -> list[dict[str, Any]]:
    """Return the nodes of the plan: for these values, or the one kept for any values."""
    if plan == "custom":
        found = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *args)
    else:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE asked AS {statement}")
        unknown = ", ".join(["NULL"] * len(args))
        found = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE asked ({unknown})")
    return list(nodes_of(json.loads(found)[0]["Plan"]))


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from nodes_of(inner)


def indexes(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node}


def read_whole(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
