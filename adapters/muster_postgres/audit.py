"""The audit trail in PostgreSQL: reading it, and its chains."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec

from muster.domain.audit_chain import Seal, SealedEntry, StreamHead, sealed_after
from muster.domain.audit_entries import AuditEntry, stream_of
from muster.domain.scopes import EVERYTHING, Scope
from muster.ports.audit import AuditChain, AuditFilter, AuditOrder, AuditReader, Unchained
from muster.ports.paging import Page, PageRequest
from muster_postgres.connection import PostgresConnection
from muster_postgres.database import Database
from muster_postgres.keyset import PageQuery
from muster_postgres.scoping import trail_bounds
from muster_postgres.unit_of_work import PostgresUnitOfWorkFactory

__all__ = ["PostgresAuditChain", "PostgresAuditReader"]

_TURN = 0x6D75737465720004
"""The advisory lock of whoever seals ("muster", 4); 3 is that of those who tidy."""

_READ_AT_ONCE = 5_000

_ENTRY = """entry.id, entry.at, entry.actor, entry.action, entry.subject_kind, entry.subject_id,
        entry.franchise_id, entry.correlation_id, entry.change, entry.address"""

_SELECT = f"SELECT {_ENTRY} FROM audit_entries AS entry"  # noqa: S608 - constants

_ANYTHING = "SELECT EXISTS (SELECT FROM audit_unsealed) AS waits"

_UNSEALED = f"""
    SELECT {_ENTRY}, seal.entry_id IS NOT NULL AS sealed
    FROM audit_unsealed AS due
    JOIN audit_entries AS entry ON entry.id = due.entry_id
    LEFT JOIN audit_seals AS seal ON seal.entry_id = entry.id
    ORDER BY entry.position
    LIMIT $1
"""  # noqa: S608 - constants

_HEADS = """
    SELECT head.stream, head.sequence, head.hash
    FROM unnest($1::uuid[]) AS wanted (stream)
    CROSS JOIN LATERAL (
        SELECT stream, sequence, hash FROM audit_seals
        WHERE stream = wanted.stream
        ORDER BY sequence DESC
        LIMIT 1
    ) AS head
"""

# From stream to stream by the index; seals are many, streams are few.
_ALL_HEADS = """
    WITH RECURSIVE known (stream) AS (
        (SELECT stream FROM audit_seals ORDER BY stream LIMIT 1)
        UNION ALL
        SELECT (
            SELECT seal.stream FROM audit_seals AS seal
            WHERE seal.stream > known.stream
            ORDER BY seal.stream
            LIMIT 1
        )
        FROM known
        WHERE known.stream IS NOT NULL
    )
    SELECT head.stream, head.sequence, head.hash
    FROM known
    CROSS JOIN LATERAL (
        SELECT stream, sequence, hash FROM audit_seals
        WHERE stream = known.stream
        ORDER BY sequence DESC
        LIMIT 1
    ) AS head
    ORDER BY head.stream
"""

_SEAL = """
    WITH done AS (
        DELETE FROM audit_unsealed WHERE entry_id = ANY($5::uuid[])
    )
    INSERT INTO audit_seals (stream, sequence, entry_id, hash)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[])
"""

_SEALED = f"""
    DECLARE trail NO SCROLL CURSOR FOR
    SELECT seal.stream, seal.sequence, seal.entry_id, seal.hash, {_ENTRY}
    FROM audit_seals AS seal
    LEFT JOIN audit_entries AS entry ON entry.id = seal.entry_id
    ORDER BY seal.stream, seal.sequence
"""  # noqa: S608 - constants

_UNCHAINED = """
    SELECT entry.id, false AS gone
    FROM audit_entries AS entry
    LEFT JOIN audit_seals AS seal ON seal.entry_id = entry.id
    LEFT JOIN audit_unsealed AS due ON due.entry_id = entry.id
    WHERE seal.entry_id IS NULL AND due.entry_id IS NULL
    UNION ALL
    SELECT due.entry_id, true
    FROM audit_unsealed AS due
    LEFT JOIN audit_entries AS entry ON entry.id = due.entry_id
    WHERE entry.id IS NULL
    LIMIT $1
"""

_COLUMNS = {AuditOrder.AT: "at"}


class PostgresAuditReader(AuditReader):
    """Committed entries."""

    def __init__(self, database: Database) -> None:
        """Read from a database."""
        self._database = database

    async def page(
        self, wanted: AuditFilter, request: PageRequest[AuditOrder], scope: Scope = EVERYTHING
    ) -> Page[AuditEntry]:
        """Return a page of entries."""
        column = _COLUMNS[request.order]
        query = PageQuery(_SELECT, "entry")
        query.where("entry.actor = {}", wanted.actor)
        query.where("entry.action = {}", wanted.action)
        query.where("entry.subject_kind = {}", wanted.subject_kind)
        query.where("entry.subject_id = {}", wanted.subject_id)
        query.where("entry.franchise_id = {}", wanted.franchise_id)
        query.where("entry.at >= {}", wanted.since)
        query.where("entry.at < {}", wanted.until)
        query.where_within(trail_bounds, scope, "entry.franchise_id")
        rows = await self._database.fetch(query.text(column, request), *query.args)
        return Page(
            tuple(map(_entry, rows[: request.limit])), query.next_after(rows, column, request)
        )


class PostgresAuditChain(AuditChain):
    """Chains beside the entries, in a table that is only ever added to as well."""

    def __init__(self, database: Database) -> None:
        """Keep them in a database."""
        self._database = database
        self._units = PostgresUnitOfWorkFactory(database)

    async def seal(self, limit: int) -> int:
        """Seal committed entries, the oldest first."""
        found = await self._database.fetchrow(_ANYTHING)
        if found is None or not found["waits"]:
            return 0
        async with self._units() as unit:
            connection = unit.connection
            turn = await connection.fetchrow("SELECT pg_try_advisory_xact_lock($1) AS mine", _TURN)
            if turn is None or not turn["mine"]:
                return 0
            # A statement of its own: it sees all that those who had the turn before committed.
            rows = await connection.fetch(_UNSEALED, limit)
            seals = await _seals_of([_entry(row) for row in rows if not row["sealed"]], connection)
            await connection.execute(
                _SEAL,
                [seal.stream for seal in seals],
                [seal.sequence for seal in seals],
                [seal.entry_id for seal in seals],
                [seal.hash for seal in seals],
                [row["id"] for row in rows],
            )
            await unit.commit()
        return len(seals)

    async def heads(self) -> tuple[StreamHead, ...]:
        """Return how far each stream is sealed, by the stream."""
        return tuple(map(_head, await self._database.fetch(_ALL_HEADS)))

    async def sealed(self) -> AsyncIterator[Sequence[SealedEntry]]:
        """Return every seal with its entry, as of one instant."""
        async with self._units() as unit:
            await unit.connection.execute(_SEALED)
            while rows := await unit.connection.fetch(f"FETCH {_READ_AT_ONCE} FROM trail"):
                yield list(map(_sealed_entry, rows))

    async def unchained(self, limit: int) -> tuple[Unchained, ...]:
        """Return what bypassed the chain, as of one instant."""
        rows = await self._database.fetch(_UNCHAINED, limit)
        return tuple(Unchained(row["id"], row["gone"]) for row in rows)

    async def waiting(self) -> int:
        """Return how many entries are still to be sealed."""
        row = await self._database.fetchrow("SELECT count(*) AS entries FROM audit_unsealed")
        assert row is not None, "a count is always a row"
        return int(row["entries"])


async def _seals_of(entries: Sequence[AuditEntry], connection: PostgresConnection) -> list[Seal]:
    streams = list({stream_of(entry) for entry in entries})
    rows = await connection.fetch(_HEADS, streams)
    heads = {row["stream"]: _head(row) for row in rows}
    return sealed_after(heads, entries)


def _head(row: asyncpg.Record) -> StreamHead:
    return StreamHead(row["stream"], row["sequence"], row["hash"])


def _sealed_entry(row: asyncpg.Record) -> SealedEntry:
    seal = Seal(row["stream"], row["sequence"], row["entry_id"], row["hash"])
    return SealedEntry(seal, None if row["id"] is None else _entry(row))


def _entry(row: asyncpg.Record) -> AuditEntry:
    return AuditEntry(
        row["id"],
        row["at"],
        row["actor"],
        row["action"],
        row["subject_kind"],
        row["subject_id"],
        row["franchise_id"],
        row["correlation_id"],
        msgspec.json.decode(row["change"]),
        row["address"],
    )
