"""What has had its time is deleted by a job, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from muster.plugin_api import DISPATCHER, JOB_TYPES, Caller, Job
from muster.ports.jobs import JobLease
from muster.runtime.bootstrap import Application, bootstrap
from muster.testing.examples import new_id
from muster_auth.clean_up import Everything, what_is_forgotten
from muster_auth.settings import AuthSettings
from tests.auth.stage import PLUGINS, run, settings

pytestmark = pytest.mark.anyio

FILL = """
    WITH rows AS (SELECT $1 || n AS name, $2::timestamptz AS at FROM generate_series(1, $3) AS n),
    accounts AS (
        INSERT INTO auth_accounts (id, identifier, display_name, role, version, created_at,
            updated_at)
        SELECT md5(name)::uuid, name, name, 'company_admin', 1, at, at FROM rows
    ),
    keys AS (
        INSERT INTO auth_api_keys (id, name, prefix, hash, permissions, created_by, created_at,
            expires_at)
        SELECT md5(name)::uuid, name, name, sha256(name::bytea), '{x}', name, at, at FROM rows
    ),
    sessions AS (
        INSERT INTO auth_sessions (id, account_id, fingerprint, user_agent, generation, created_at,
            last_used_at, expires_at)
        SELECT md5(name)::uuid, md5(name)::uuid, 'x', 'x', 1, at, at, at FROM rows
    ),
    tokens AS (
        INSERT INTO auth_refresh_tokens (hash, session_id, generation)
        SELECT name::bytea, md5(name)::uuid, 1 FROM rows
    ),
    revocations AS (
        INSERT INTO auth_revocations (jti, expires_at) SELECT md5(name)::uuid, at FROM rows
    ),
    failures AS (
        INSERT INTO auth_failures (id, identifier_hash, at, settled)
        SELECT md5(name)::uuid, name::bytea, at - interval '15 minutes', true FROM rows
    ),
    logins AS (
        INSERT INTO auth_pending_logins (hash, account_id, account_version, expires_at)
        SELECT sha256(name::bytea), md5(name)::uuid, 1, at FROM rows
    ),
    nonces AS (
        INSERT INTO auth_nonces (key_id, nonce, kept_until)
        SELECT md5(name)::uuid, name, at FROM rows
    ),
    invitations AS (
        INSERT INTO auth_invitations (account_id, token_hash, expires_at)
        SELECT md5(name)::uuid, name::bytea, at FROM rows
    )
    INSERT INTO auth_password_resets (identifier_hash, expires_at, since, asked)
    SELECT name::bytea, at, at - interval '1 hour', 1 FROM rows
"""
KINDS = {
    "sessions": "auth_sessions",
    "revocations": "auth_revocations",
    "failures": "auth_failures",
    "logins": "auth_pending_logins",
    "nonces": "auth_nonces",
    "invitations": "auth_invitations",
    "resets": "auth_password_resets",
}
OVER, LIVE = 1_005, 3


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def application(clean_database: str) -> AsyncIterator[Application]:
    application = bootstrap(settings(clean_database), PLUGINS)
    async with application.running():
        yield application


def fill(url: str) -> None:
    run(url, FILL, "over-", datetime(2026, 1, 1, tzinfo=UTC), OVER)
    run(url, FILL, "live-", datetime(2999, 1, 1, tzinfo=UTC), LIVE)


async def clean(application: Application) -> object:
    job_type = application.ports.get(JOB_TYPES).by_name()["auth/clean-up"]
    job = Job(Everything(), 1, JobLease(new_id(), 1), Caller(None, "example"))
    ports = application.ports
    return await job_type.handle(job, ports, ports.get(DISPATCHER))


async def test_what_has_had_its_time_is_deleted(
    application: Application, clean_database: str
) -> None:
    """By several at once, and in more than one go; the refresh tokens of a session go with it."""
    fill(clean_database)
    done = await asyncio.gather(*(clean(application) for _ in range(3)))
    assert await clean(application) == dict.fromkeys(KINDS, 0)
    for kind, table in KINDS.items():
        assert sum(one[kind] for one in done) == OVER, kind  # type: ignore[index]
        assert len(run(clean_database, f"SELECT FROM {table}")) == LIVE, kind
    assert len(run(clean_database, "SELECT FROM auth_refresh_tokens")) == LIVE
    assert len(run(clean_database, "SELECT FROM auth_accounts")) == OVER + LIVE


async def test_what_somebody_holds_is_left_for_the_next_time(
    application: Application, clean_database: str
) -> None:
    fill(clean_database)
    connection = await asyncpg.connect(clean_database)
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT FROM auth_password_resets WHERE identifier_hash = 'over-1' FOR UPDATE"
            )
            assert len(run(clean_database, "SELECT FROM auth_password_resets")) == OVER + LIVE
            await clean(application)
    finally:
        await connection.close()
    assert len(run(clean_database, "SELECT FROM auth_password_resets")) == LIVE + 1
    await clean(application)
    assert len(run(clean_database, "SELECT FROM auth_password_resets")) == LIVE


async def test_a_reset_that_still_opens_something_or_counts_is_kept(
    application: Application, clean_database: str
) -> None:
    run(
        clean_database,
        """
        INSERT INTO auth_password_resets (identifier_hash, expires_at, since, asked) VALUES
            ('good for longer', now() + interval '1 minute', now() - interval '2 hours', 1),
            ('counts', now() - interval '1 minute', now() - interval '59 minutes', 1)
        """,
    )
    await clean(application)
    assert len(run(clean_database, "SELECT FROM auth_password_resets")) == 2


async def test_what_is_over_is_found_by_an_index(clean_database: str) -> None:
    fill(clean_database)
    connection = await asyncpg.connect(clean_database)
    try:
        await connection.execute("ANALYZE")
        for one in what_is_forgotten(AuthSettings(), datetime(2020, 1, 1, tzinfo=UTC)):
            rows = await connection.fetch(
                f"EXPLAIN {one.statement}", one.before, one.most, *one.others
            )
            plan = "\n".join(row[0] for row in rows)
            assert "Seq Scan" not in plan, plan
    finally:
        await connection.close()
