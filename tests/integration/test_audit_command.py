"""``muster audit verify``: what it says, and how it exits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import asyncpg
from click.testing import CliRunner, Result

from muster.domain.audit_chain import StreamHead
from muster.domain.audit_checkpoints import line_of, sign
from muster.domain.audit_entries import AuditEntry
from muster.runtime.audit_sealing import CHECKPOINT_FILE, sealed_whole
from muster.runtime.cli import muster
from muster.testing.example_records import an_audit_entry
from muster.testing.examples import AN_INSTANT
from muster_postgres.audit import PostgresAuditChain
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory
from tests.conformance.test_postgres import opened

KEY = bytes(32)


def verify(url: str, *arguments: str, **settings: str) -> Result:
    environ = {
        "DATABASE_URL": url,
        "MUSTER_PLUGINS__ENABLED": "postgres",
        "MUSTER_POSTGRES__MIGRATE_ON_START": "false",
        **settings,
    }
    return CliRunner().invoke(muster, ["audit", "verify", *arguments], env=environ)


def sealed_trail(url: str) -> tuple[list[AuditEntry], Sequence[StreamHead], bytes]:
    async def made() -> tuple[list[AuditEntry], Sequence[StreamHead], bytes]:
        async with opened(url) as database:
            entries = [an_audit_entry() for _ in range(5)]
            async with PostgresUnitOfWorkFactory(database)() as unit:
                await unit.audit.append(entries)
                await unit.commit()
            chain = PostgresAuditChain(database)
            await sealed_whole(chain)
            row = await database.fetchrow(
                "INSERT INTO deployment_keys (name, key) VALUES ('audit_checkpoints', $1)"
                " RETURNING key",
                KEY,
            )
            assert row is not None
            return entries, await chain.heads(), row["key"]

    return asyncio.run(made())


def tamper(url: str, *statements: str) -> None:
    async def done() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("SET session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(done())


def test_an_empty_trail_is_sound(clean_database: str) -> None:
    said = verify(clean_database)
    assert said.exit_code == 0, said.output
    assert "sound: 0 sealed entries" in said.stdout


def test_a_sound_trail_with_checkpoints(clean_database: str, tmp_path: Path) -> None:
    _, heads, key = sealed_trail(clean_database)
    file = tmp_path / CHECKPOINT_FILE
    whole = line_of(sign(AN_INSTANT, heads, key))
    file.write_text(whole + whole[:40])
    for said in (
        verify(clean_database, "--checkpoints", str(file)),
        verify(clean_database, MUSTER_AUDIT__CHECKPOINT_DIRECTORY=str(tmp_path)),
    ):
        assert said.exit_code == 0, said.output
        assert "5 sealed entries, 0 still to be sealed, 1 checkpoints." in said.stdout
    assert "a cut end is not seen" in verify(clean_database).stdout


def test_a_bad_entry_is_named(clean_database: str) -> None:
    entries, _, _ = sealed_trail(clean_database)
    tamper(clean_database, f"UPDATE audit_entries SET actor = 'x' WHERE id = '{entries[2].id}'")
    said = verify(clean_database)
    assert said.exit_code == 1
    assert f"ALTERED  stream company, number 3, entry {entries[2].id}" in said.stdout
    assert "NOT sound" in said.stdout


def test_a_cut_end_is_named(clean_database: str, tmp_path: Path) -> None:
    _, heads, key = sealed_trail(clean_database)
    file = tmp_path / "kept.jsonl"
    file.write_text(line_of(sign(AN_INSTANT, heads, key)))
    tamper(
        clean_database,
        "DELETE FROM audit_entries WHERE id IN"
        " (SELECT entry_id FROM audit_seals WHERE sequence > 3)",
        "DELETE FROM audit_seals WHERE sequence > 3",
    )
    assert verify(clean_database).exit_code == 0
    said = verify(clean_database, "--checkpoints", str(file))
    assert said.exit_code == 1
    assert "CUT  stream company, number 4, the stream ends after 3 of 5" in said.stdout


def test_a_forged_checkpoint_is_named(clean_database: str, tmp_path: Path) -> None:
    _, heads, _ = sealed_trail(clean_database)
    file = tmp_path / "kept.jsonl"
    file.write_text(line_of(sign(AN_INSTANT, heads, bytes(31) + b"x")))
    said = verify(clean_database, "--checkpoints", str(file))
    assert said.exit_code == 1
    assert "CHECKPOINT  " in said.stdout
    assert "line 1: it is not signed with the key of this deployment" in said.stdout


def test_a_secret_of_the_settings_signs_what_the_key_in_the_database_cannot(
    clean_database: str, tmp_path: Path
) -> None:
    _, heads, key = sealed_trail(clean_database)
    secret = "kept out of the reach of databases"
    setting = {"MUSTER_AUDIT__CHECKPOINT_SECRET": secret}
    by_secret, by_database = tmp_path / "secret.jsonl", tmp_path / "database.jsonl"
    by_secret.write_text(line_of(sign(AN_INSTANT, heads, sha256(secret.encode()).digest())))
    by_database.write_text(line_of(sign(AN_INSTANT, heads, key)))

    assert verify(clean_database, "--checkpoints", str(by_secret), **setting).exit_code == 0
    forged = verify(clean_database, "--checkpoints", str(by_database), **setting)
    assert forged.exit_code == 1
    assert "CHECKPOINT" in forged.stdout
    assert verify(clean_database, "--checkpoints", str(by_secret)).exit_code == 1
