"""Tampering with the trail in a real database: what refuses it, and what names it afterwards.

The tamperer is the database's superuser, who can put every trigger to sleep.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from muster.domain.audit_chain import Breach
from muster.domain.audit_checkpoints import Checkpoint, sign
from muster.domain.audit_entries import AuditEntry
from muster.ports.audit import Unchained
from muster.ports.unit_of_work import DatabaseUnavailable
from muster.runtime.audit_sealing import sealed_whole
from muster.runtime.audit_verification import verified
from muster.testing.example_records import an_audit_entry
from muster.testing.examples import AN_INSTANT, new_id
from muster_postgres.audit import PostgresAuditChain
from muster_postgres.database import Database
from muster_postgres.errors import StatementRefused
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from tests.conformance.test_postgres import opened

pytestmark = pytest.mark.anyio

NORTH = UUID("019aa4c1-7c00-7000-8000-00000000f001")
KEY = bytes(32)

COPY = """
    INSERT INTO audit_entries (id, at, actor, action, subject_kind, subject_id, franchise_id,
        correlation_id, change, address)
    SELECT $2, at, 'planted', action, subject_kind, subject_id, franchise_id, correlation_id,
        change, address
    FROM audit_entries WHERE id = $1
"""
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO audit_seals%'
        AND datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def chain(database: Database) -> PostgresAuditChain:
    return PostgresAuditChain(database)


@pytest.fixture
async def entries(units: PostgresUnitOfWorkFactory, chain: PostgresAuditChain) -> list[AuditEntry]:
    """Twelve sealed entries of a franchise, and as many of the company in between."""
    made = [
        an_audit_entry(
            at=AN_INSTANT + timedelta(seconds=number),
            franchise_id=(NORTH, None)[number % 2],
            address="192.0.2.1",
        )
        for number in range(24)
    ]
    for entry in made:
        async with units() as unit:
            await unit.audit.append([entry])
            await unit.commit()
    assert await sealed_whole(chain) == len(made)
    return made[::2]


@pytest.fixture
async def superuser(
    clean_database: str,
) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(clean_database)
    await connection.execute("SET session_replication_role = replica")
    try:
        yield connection
    finally:
        await connection.close()


async def found(
    chain: PostgresAuditChain, *checkpoints: Checkpoint
) -> list[tuple[Breach, UUID | None, int | None, UUID | None]]:
    verification = await verified(chain, checkpoints)
    return [
        (fault.breach, fault.stream, fault.sequence, fault.entry_id)
        for fault in verification.faults
    ]


async def checkpoint_of(chain: PostgresAuditChain) -> Checkpoint:
    return sign(AN_INSTANT, await chain.heads(), KEY)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_seals SET hash = hash",
        "DELETE FROM audit_seals",
        "TRUNCATE audit_seals",
        "UPDATE audit_entries SET address = NULL",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries, audit_seals",
    ],
)
async def test_nobody_changes_what_was_done(
    database: Database, chain: PostgresAuditChain, entries: list[AuditEntry], statement: str
) -> None:
    """Not even the owner of the tables, who would have to take the trigger away first."""
    with pytest.raises(StatementRefused, match="SQLSTATE 2F002"):
        await database.fetch(statement)
    assert await found(chain) == []


async def test_a_trail_that_nobody_touched_is_sound(
    chain: PostgresAuditChain, entries: list[AuditEntry]
) -> None:
    verification = await verified(chain, [await checkpoint_of(chain)])
    assert (verification.sealed, verification.waiting, verification.checkpoints) == (24, 0, 1)
    assert verification.faults == ()


@pytest.mark.parametrize(
    "assignment",
    [
        "actor = 'planted'",
        "at = at + interval '1 microsecond'",
        "action = 'Planted'",
        "subject_kind = 'planted'",
        "subject_id = gen_random_uuid()",
        "correlation_id = 'planted'",
        """change = change || '{"planted": 1}'""",
        "change = '{}'",
        "address = NULL",
    ],
)
async def test_an_edit_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
    assignment: str,
) -> None:
    done = await superuser.execute(
        f"UPDATE audit_entries SET {assignment} WHERE id = $1",
        entries[4].id,
    )
    assert done == "UPDATE 1"
    assert await found(chain) == [(Breach.ALTERED, NORTH, 5, entries[4].id)]


async def test_an_entry_of_another_franchise_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    await superuser.execute(
        "UPDATE audit_entries SET franchise_id = NULL WHERE id = $1", entries[4].id
    )
    assert await found(chain) == [(Breach.MOVED, NORTH, 5, entries[4].id)]


async def test_a_deletion_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    await superuser.execute("DELETE FROM audit_entries WHERE id = $1", entries[4].id)
    assert await found(chain) == [(Breach.DELETED, NORTH, 5, entries[4].id)]
    await superuser.execute("DELETE FROM audit_seals WHERE entry_id = $1", entries[4].id)
    assert await found(chain) == [(Breach.GAP, NORTH, 5, None)]


async def test_a_deletion_with_the_chain_closed_up_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    for table, column in (("audit_entries", "id"), ("audit_seals", "entry_id")):
        await superuser.execute(
            f"DELETE FROM {table} WHERE {column} = $1",
            entries[4].id,
        )
    for sequence in range(6, 13):
        await superuser.execute(
            "UPDATE audit_seals SET sequence = $2 WHERE stream = $1 AND sequence = $2 + 1",
            NORTH,
            sequence - 1,
        )
    assert await found(chain) == [(Breach.ALTERED, NORTH, 5, entries[5].id)]


async def test_an_insertion_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    """Past Muster, it is in no chain; amid a chain, it does not fit what follows."""
    planted = new_id()
    await superuser.execute(COPY, entries[4].id, planted)
    assert await found(chain) == [(Breach.INSERTED, None, None, planted)]
    for sequence in range(12, 4, -1):
        await superuser.execute(
            "UPDATE audit_seals SET sequence = $2 + 1 WHERE stream = $1 AND sequence = $2",
            NORTH,
            sequence,
        )
    await superuser.execute(
        "INSERT INTO audit_seals VALUES ($1, 5, $2, sha256('planted'))", NORTH, planted
    )
    assert await found(chain) == [(Breach.ALTERED, NORTH, 5, planted)]


async def test_a_reordering_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    """By the places in the chain, and by what the entries are called."""
    exchange = """
        UPDATE {table} SET {column} = CASE {column} WHEN $1 THEN $2::{kind} ELSE $1::{kind} END
        WHERE {where}{column} IN ($1, $2)
    """
    await superuser.execute("ALTER TABLE audit_seals DROP CONSTRAINT audit_seals_entry_id_key")
    seals = exchange.format(table="audit_seals", column="entry_id", kind="uuid", where="")
    try:
        await superuser.execute(seals, entries[4].id, entries[7].id)
        assert await found(chain) == [(Breach.ALTERED, NORTH, 5, entries[7].id)]
        await superuser.execute(seals, entries[4].id, entries[7].id)
        assert await found(chain) == []
    finally:
        await superuser.execute(
            "ALTER TABLE audit_seals ADD CONSTRAINT audit_seals_entry_id_key UNIQUE (entry_id)"
        )
    await superuser.execute(
        """
        UPDATE audit_entries AS one SET at = other.at, actor = 'x', subject_id = other.subject_id
        FROM audit_entries AS other
        WHERE (one.id, other.id) IN (($1, $2), ($2, $1))
        """,
        entries[4].id,
        entries[7].id,
    )
    assert await found(chain) == [(Breach.ALTERED, NORTH, 5, entries[4].id)]


async def test_a_cut_end_is_named_by_a_checkpoint(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    before = await checkpoint_of(chain)
    gone = [entry.id for entry in entries[9:]]
    await superuser.execute("DELETE FROM audit_seals WHERE entry_id = ANY($1)", gone)
    strays = await found(chain)
    assert [(breach, id_) for breach, *_, id_ in strays] == [(Breach.INSERTED, id_) for id_ in gone]
    await superuser.execute("DELETE FROM audit_entries WHERE id = ANY($1)", gone)
    assert await found(chain) == []
    assert await found(chain, before) == [(Breach.CUT, NORTH, 10, None)]


async def test_a_cut_end_that_has_grown_again_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    units: PostgresUnitOfWorkFactory,
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    before = await checkpoint_of(chain)
    gone = [entry.id for entry in entries[9:]]
    await superuser.execute("DELETE FROM audit_seals WHERE entry_id = ANY($1)", gone)
    await superuser.execute("DELETE FROM audit_entries WHERE id = ANY($1)", gone)
    async with units() as unit:
        await unit.audit.append([an_audit_entry(franchise_id=NORTH) for _ in range(5)])
        await unit.commit()
    await sealed_whole(chain)
    assert await found(chain) == []
    ((breach, stream, sequence, _),) = await found(chain, before)
    assert (breach, stream, sequence) == (Breach.REWRITTEN, NORTH, 12)


async def test_a_whole_stream_that_is_gone_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    chain: PostgresAuditChain,
    entries: list[AuditEntry],
) -> None:
    before = await checkpoint_of(chain)
    await superuser.execute("DELETE FROM audit_seals WHERE stream = $1", NORTH)
    await superuser.execute("DELETE FROM audit_entries WHERE franchise_id = $1", NORTH)
    assert await found(chain, before) == [(Breach.CUT, NORTH, 1, None)]


async def test_what_is_taken_out_before_it_is_sealed_is_named(
    superuser: asyncpg.Connection[asyncpg.Record],
    units: PostgresUnitOfWorkFactory,
    chain: PostgresAuditChain,
) -> None:
    """Unless the note that it was to be sealed is taken out too; nothing remembers that."""
    entry, other = an_audit_entry(), an_audit_entry()
    async with units() as unit:
        await unit.audit.append([entry, other])
        await unit.commit()
    await superuser.execute("DELETE FROM audit_entries WHERE id = $1", entry.id)
    await superuser.execute("DELETE FROM audit_unsealed WHERE entry_id = $1", other.id)
    assert set(await chain.unchained(10)) == {Unchained(entry.id, True), Unchained(other.id, False)}
    assert await sealed_whole(chain) == 0
    assert {breach for breach, *_ in await found(chain)} == {Breach.DELETED, Breach.INSERTED}


async def test_a_crash_between_commit_and_seal_loses_nothing(
    clean_database: str, units: PostgresUnitOfWorkFactory
) -> None:
    """The note commits with the entry; what a dead server left, the next one seals."""
    async with units() as unit:
        await unit.audit.append([an_audit_entry() for _ in range(3)])
        await unit.commit()
    async with opened(clean_database) as survivor:
        chain = PostgresAuditChain(survivor)
        assert await sealed_whole(chain) == 3
        assert (await verified(chain, [])).faults == ()


async def test_a_crash_amid_sealing_leaves_no_half(
    superuser: asyncpg.Connection[asyncpg.Record],
    database: Database,
    units: PostgresUnitOfWorkFactory,
    chain: PostgresAuditChain,
) -> None:
    """The connection dies with its statement: no seal is there, and every note."""
    async with units() as unit:
        await unit.audit.append([an_audit_entry() for _ in range(3)])
        await unit.commit()
    await superuser.execute("BEGIN; LOCK TABLE audit_seals IN SHARE MODE")
    sealing = asyncio.ensure_future(chain.seal(10))
    # On another connection: within one transaction PostgreSQL shows one picture of the others.
    while not await database.fetch(KILL):  # noqa: ASYNC110 - the server tells no one
        await asyncio.sleep(0.01)
    await superuser.execute("ROLLBACK")
    with pytest.raises(DatabaseUnavailable):
        await sealing
    assert (await chain.heads(), await chain.waiting()) == ((), 3)
    assert await sealed_whole(chain) == 3
    assert await found(chain) == []


async def test_servers_that_seal_at_once_make_one_chain(
    clean_database: str, units: PostgresUnitOfWorkFactory
) -> None:
    """Two pools, each sealing as fast as it can, while others commit."""
    committed = 0

    async def commit() -> None:
        nonlocal committed
        for number in range(40):
            async with units() as unit:
                await unit.audit.append([an_audit_entry(franchise_id=(None, NORTH)[number % 2])])
                await unit.commit()
            committed += 1

    async def seal(chain: PostgresAuditChain) -> int:
        sealed = 0
        while writing() or await chain.waiting():
            sealed += await chain.seal(3)
        return sealed

    writers = [asyncio.ensure_future(commit()) for _ in range(3)]

    def writing() -> bool:
        return not all(writer.done() for writer in writers)

    async with opened(clean_database) as one, opened(clean_database) as other:
        chains = [PostgresAuditChain(one), PostgresAuditChain(other)]
        sealed = await asyncio.gather(*map(seal, chains))
        await asyncio.gather(*writers)
        assert sum(sealed) == committed == 120
        verification = await verified(chains[0], [])
        assert (verification.sealed, verification.waiting, verification.faults) == (120, 0, ())
        assert sum(head.count for head in await chains[1].heads()) == 120
