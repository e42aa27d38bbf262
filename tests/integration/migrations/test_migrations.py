"""The history of the tables: up, down, up again, at once, and as they are described."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files

import asyncpg
import pytest

from muster_postgres import migrations
from muster_postgres.revisions import VERSION_TABLE, current_revision, newest_revision

MIGRATE = "import sys; from muster_postgres.migrations import upgrade; upgrade(sys.argv[1])"
SHAPE = """
    SELECT 'column', format('%s.%s %s %s %s %s', table_name, column_name, udt_name, is_nullable,
        column_default, collation_name)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'constraint', format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
        AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
    ORDER BY 1, 2
"""
"""What the tables are; their order of creation does not matter."""

# By the revision after which they are stored: what later revisions must carry along.
ROWS = {
    "0001": (
        "INSERT INTO franchises VALUES (gen_random_uuid(), 'North', 'north', NULL, 'ACTIVE', 1,"
        " now(), now())",
        "INSERT INTO zones SELECT gen_random_uuid(), 'Z', 'z', id, 16, 80, 5, cube(0),"
        " cube_enlarge(cube(0), 1, 3), 1, 'Asia/Kolkata', 0, 'ACTIVE', 1, now(), now()"
        " FROM franchises",
        "INSERT INTO bookings SELECT gen_random_uuid(), 'ASSIGNED', gen_random_uuid(),"
        " 'ONE_ON_ONE', 10, 'DAILY', '2027-01-11', '17:00', 16, 80, '[]', 'ref', '', NULL, '{}',"
        " NULL, id, name, franchise_id, time_zone, NULL, NULL, NULL, gen_random_uuid(), 'Meera',"
        " NULL, 1, now(), now() FROM zones",
        "INSERT INTO booking_sessions SELECT gen_random_uuid(), id, 1, 'OFFLINE', 'SCHEDULED',"
        " trainer_id, start_date, '17:00', zone_time_zone, '2027-01-11 11:30Z',"
        " '2027-01-11 12:10Z', false, false FROM bookings",
        "INSERT INTO schedule_slots SELECT gen_random_uuid(), trainer_id, local_date, local_time,"
        " tstzrange(starts_at, ends_at), true, time_zone, 'BOOKED', booking_id, id, NULL"
        " FROM booking_sessions",
        "INSERT INTO assignment_receipts SELECT gen_random_uuid(), id, 'PLACE', now(), '{}'"
        " FROM bookings",
        "INSERT INTO outbox_events (id, at, correlation_id, event, payload)"
        " VALUES (gen_random_uuid(), now(), 'c', 'BookingPlaced', '{}')",
        "INSERT INTO audit_entries (id, at, actor, action, subject_kind, subject_id,"
        " correlation_id, change) SELECT gen_random_uuid(), now(), 'a', 'PlaceBooking',"
        " 'booking', id, 'c', '{}' FROM bookings",
        "INSERT INTO trainer_snapshots VALUES (gen_random_uuid(), gen_random_uuid(), NULL, now(),"
        " '[]')",
        "INSERT INTO deployment_keys VALUES ('cursor', '\\x00')",
    ),
    "0002": (
        "INSERT INTO trainer_blocks SELECT gen_random_uuid(), trainer_id, time_zone,"
        ' \'[{"first_day": "2027-02-01", "last_day": "2027-02-01"}]\', \'2027-02-01\','
        " '2027-02-01', 'Leave', now(), false FROM schedule_slots",
        "INSERT INTO schedule_slots SELECT gen_random_uuid(), trainer_id, first_day, '00:00',"
        " tstzrange('2027-01-31 18:30Z', '2027-02-01 18:30Z'), true, time_zone, 'BLOCKED', NULL,"
        " NULL, reason, id FROM trainer_blocks",
        "UPDATE booking_sessions SET status = 'STRANDED'",
        "UPDATE bookings SET version = 2",
        "INSERT INTO assignment_receipts (id, booking_id, kind, created_at, document, version)"
        " SELECT gen_random_uuid(), id, 'STRAND', now(), '{}', 2 FROM bookings",
    ),
    "0003": (
        "INSERT INTO certificates SELECT gen_random_uuid(), 'CERT-1', id, gen_random_uuid(), 'A',"
        " course_id, zone_franchise_id, '2027-03-01', 'VALID', NULL, NULL, NULL, NULL, 1, now(),"
        " now() FROM bookings",
        "UPDATE franchises SET certificate_names = 'FULL'",
    ),
    "0004": (),
    "0005": ("INSERT INTO trainer_snapshots VALUES (gen_random_uuid(), NULL, NULL, now(), '[]')",),
    "0010": (
        "INSERT INTO auth_accounts VALUES (gen_random_uuid(), 'ada', 'Ada', 'company_admin', NULL,"
        " NULL, NULL, '$argon2id$', false, 1, now(), now())",
        "INSERT INTO auth_sessions SELECT gen_random_uuid(), id, '\\x00', 'curl', 1, now(), now(),"
        " now() + interval '1 day', NULL, NULL FROM auth_accounts",
        "INSERT INTO auth_refresh_tokens SELECT '\\x01', id, 1, NULL, NULL FROM auth_sessions",
        "INSERT INTO auth_revocations VALUES (gen_random_uuid(), now())",
        "INSERT INTO auth_signing_keys VALUES ('k', 'PEM', now(), NULL)",
    ),
    "0011": (
        "INSERT INTO auth_second_factors SELECT id, '\\x00', now(), now() FROM auth_accounts",
        "INSERT INTO auth_used_steps SELECT id, 1 FROM auth_accounts",
        "INSERT INTO auth_recovery_codes SELECT id, '\\x00' FROM auth_accounts",
        "INSERT INTO auth_pending_logins SELECT '\\x00', id, 1, now() FROM auth_accounts",
        "INSERT INTO auth_signing_keys VALUES ('k', now(), NULL, '\\x00')",
        "INSERT INTO auth_failures VALUES (gen_random_uuid(), '\\x00', now(), true, '\\x00')",
    ),
    "0012": (
        "INSERT INTO auth_api_keys (id, name, prefix, hash, permissions, created_by, created_at,"
        " expires_at) VALUES (gen_random_uuid(), 'billing', 'muster_a', sha256(''),"
        " '{zones:read}', 'ada', now(), now())",
        "INSERT INTO auth_nonces SELECT id, 'n', now() FROM auth_api_keys",
    ),
    "0013": (
        "INSERT INTO auth_accounts VALUES (gen_random_uuid(), 'ravi@example.in', 'Ravi',"
        " 'company_admin', NULL, NULL, NULL, NULL, false, 1, now(), now())",
        "INSERT INTO auth_invitations SELECT id, '\\x02', now() FROM auth_accounts"
        " WHERE password_hash IS NULL",
        "INSERT INTO auth_password_resets VALUES ('\\x03', NULL, NULL, '\\x04', now(), now(), 1)",
    ),
    "0014": (
        "INSERT INTO jobs (id, type, state, payload, unique_key, asked_at, run_at, correlation_id)"
        " VALUES (gen_random_uuid(), 'jobs/clean-up', 'WAITING', '{}', 'all', now(), now(), 'c')",
        "INSERT INTO jobs (id, type, state, payload, asked_at, run_at, ended_at, correlation_id)"
        " VALUES (gen_random_uuid(), 'jobs/clean-up', 'DONE', '{}', now(), now(), now(), 'c')",
        "INSERT INTO job_ticks VALUES ('jobs/clean-up', now())",
    ),
    "0018": (
        "INSERT INTO certificate_documents SELECT id, 'e', '\\x25504446', now() FROM certificates",
    ),
    # As a server of before writes it.
    "0019": (
        "INSERT INTO trainer_snapshots (zone_id, course_id, franchise_id, as_of, trainers)"
        " VALUES (gen_random_uuid(), NULL, gen_random_uuid(), now(), '[]')",
    ),
    "0020": (
        "INSERT INTO event_replays (id, subscriber, since, first_position, last_position,"
        " position, asked_at) VALUES (gen_random_uuid(), 'a/b', now(), 1, 9, 4, now())",
    ),
}

EmptyDatabase = Callable[[], str]


def revisions() -> list[str]:
    entries = files("muster_migrations").joinpath("versions").iterdir()
    return sorted(entry.name[:4] for entry in entries if entry.name[0].isdigit())


def test_the_stairway(empty_database: EmptyDatabase) -> None:
    """Each revision goes up, down and up, with rows that earlier ones could hold."""
    url = empty_database()
    before = "base"
    for revision in revisions():
        down = shape(url)
        migrations.upgrade(url, revision)
        up = shape(url)
        assert up != down
        migrations.downgrade(url, before)
        assert shape(url) == down
        migrations.upgrade(url, revision)
        assert shape(url) == up
        for statement in ROWS.get(revision, ()):
            run(url, statement)
        before = revision
    assert migrations.current(url) == newest_revision()


def test_rows_can_be_left_behind(empty_database: EmptyDatabase) -> None:
    """The way down is open when the tables are full, too."""
    url = empty_database()
    for revision in revisions():
        migrations.upgrade(url, revision)
        for statement in ROWS.get(revision, ()):
            run(url, statement)
    migrations.downgrade(url, "base")
    assert migrations.current(url) is None
    migrations.upgrade(url)
    migrations.check(url)


def test_two_processes_migrate_at_once(empty_database: EmptyDatabase) -> None:
    url = empty_database()
    command = [sys.executable, "-W", "ignore", "-c", MIGRATE, url]
    racing = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=60)[1] for process in racing]
    assert [process.returncode for process in racing] == [0, 0, 0], said
    migrations.check(url)


def test_a_check_finds_what_differs(empty_database: EmptyDatabase) -> None:
    url = empty_database()
    with pytest.raises(migrations.SchemaDiffers, match="not up to date"):
        migrations.check(url)
    migrations.upgrade(url)
    migrations.check(url)
    for change, told in (
        ("ALTER TABLE schedule_slots DROP CONSTRAINT schedule_slots_overlap_excl", "overlap_excl"),
        ("ALTER TABLE zones DROP COLUMN priority", "priority"),
        ("DROP INDEX zones_reach_idx", "zones_reach_idx"),
        ("ALTER TABLE bookings ALTER COLUMN receipt_id TYPE text", "receipt_id"),
    ):
        run(url, change)
        with pytest.raises(migrations.SchemaDiffers, match=told):
            migrations.check(url)


def test_an_unknown_revision_is_refused_plainly(empty_database: EmptyDatabase) -> None:
    with pytest.raises(migrations.MigrationRefused, match="9999"):
        migrations.upgrade(empty_database(), "9999")


def test_every_url_is_understood(empty_database: EmptyDatabase) -> None:
    url = empty_database()
    migrations.upgrade(url.replace("postgresql://", "postgres://"))
    sqlalchemy = url.replace("postgresql://", "postgresql+asyncpg://")
    assert asyncio.run(current_revision(sqlalchemy)) == newest_revision()


def shape(url: str) -> set[tuple[str, str]]:
    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(SHAPE)
        finally:
            await connection.close()

    rows = {(kind, told) for kind, told in asyncio.run(ask())}
    return {row for row in rows if VERSION_TABLE not in row[1]}


def run(url: str, statement: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute())
