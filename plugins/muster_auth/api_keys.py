"""API keys, as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.plugin_api import Permission, Scope
from muster.ports.unit_of_work import Connection

__all__ = [
    "ApiKey",
    "add_key",
    "key_by_hash",
    "key_to_change",
    "newest_keys",
    "note_use",
    "replace_key",
    "revoke_key",
]

_USE_IS_NOTED_EVERY = timedelta(minutes=1)
_MOST_SHOWN = 500

_PERMISSIONS: Mapping[str, Permission] = {one.value: one for one in Permission}

_COLUMNS = """
    id, name, prefix, hash, permissions, franchise_id, public_key, created_by, created_at,
    expires_at, last_used_at, rotated_at, revoked_at, predecessor_id
"""
_BY_HASH = f"SELECT {_COLUMNS} FROM auth_api_keys WHERE hash = $1"  # noqa: S608 - constants
_TO_CHANGE = f"""
    SELECT {_COLUMNS} FROM auth_api_keys
    WHERE id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR franchise_id = $2)
    FOR NO KEY UPDATE
"""  # noqa: S608 - constants
_NEWEST = f"""
    SELECT {_COLUMNS} FROM auth_api_keys WHERE $2::uuid IS NULL OR franchise_id = $2
    ORDER BY (revoked_at IS NULL AND expires_at > $1) DESC, created_at DESC, id DESC LIMIT $3
"""  # noqa: S608 - constants
_NOTE_USE = """
    UPDATE auth_api_keys SET last_used_at = $2 WHERE id IN (
        SELECT id FROM auth_api_keys
        WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
        FOR NO KEY UPDATE SKIP LOCKED
    )
"""
"""A key that somebody else is changing is passed over: no request waits for this."""


class ApiKey(Struct, frozen=True, kw_only=True):
    """By which a service is known.

    Attributes:
        id: Names it in signatures and in the audit trail.
        name: What it is for, as people call it.
        prefix: How the key begins.
        hash: Of its text.
        permissions: What the service may do.
        scope: On what; of its bounds a key can have the franchise's.
        public_key: With which signatures are verified, in PEM; ``None`` where it cannot sign.
        created_by: The name of the principal who made it.
        created_at: UTC instant.
        expires_at: UTC instant from which on it is dead.
        last_used_at: UTC instant, to the minute; ``None`` where it never was.
        rotated_at: UTC instant at which it got a successor.
        revoked_at: UTC instant from which on it is dead, before its time.
        predecessor_id: Whose successor it is.
    """

    id: UUID
    name: str
    prefix: str
    hash: bytes
    permissions: frozenset[Permission]
    scope: Scope
    public_key: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    predecessor_id: UUID | None = None

    def lives(self, now: datetime) -> bool:
        """Return whether it opens anything at an instant."""
        return self.revoked_at is None and now < self.expires_at

    def use_is_to_be_noted(self, now: datetime) -> bool:
        """Return whether the last use that is stored is too long ago."""
        return self.last_used_at is None or now - self.last_used_at >= _USE_IS_NOTED_EVERY


async def add_key(connection: Connection, key: ApiKey) -> None:
    """Store a new key. A command."""
    await connection.execute(
        """
        INSERT INTO auth_api_keys (id, name, prefix, hash, permissions, franchise_id, public_key,
            created_by, created_at, expires_at, predecessor_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        key.id,
        key.name,
        key.prefix,
        key.hash,
        sorted(one.value for one in key.permissions),
        key.scope.franchise_id,
        key.public_key,
        key.created_by,
        key.created_at,
        key.expires_at,
        key.predecessor_id,
    )


async def key_by_hash(connection: Connection, hash_: bytes) -> ApiKey | None:
    """Return the key that a service shows. A query."""
    row = await connection.fetchrow(_BY_HASH, hash_)
    return row and _key(row)


async def key_to_change(
    connection: Connection, key_id: UUID, franchise_id: UUID | None
) -> ApiKey | None:
    """Return a key that was not revoked, and keep it so until the unit ends. A command.

    Args:
        connection: The unit's.
        key_id: Which.
        franchise_id: To whose keys it has to belong; ``None`` where that does not matter.
    """
    row = await connection.fetchrow(_TO_CHANGE, key_id, franchise_id)
    return row and _key(row)


async def newest_keys(
    connection: Connection, now: datetime, franchise_id: UUID | None
) -> list[ApiKey]:
    """Return at most 500 keys, the living before the dead and then the newest first. A query."""
    rows = await connection.fetch(_NEWEST, now, franchise_id, _MOST_SHOWN)
    return [_key(row) for row in rows]


async def replace_key(
    connection: Connection, key: ApiKey, now: datetime, dies_at: datetime
) -> None:
    """Let a key have a successor, and die at an instant at the latest. A command."""
    await connection.execute(
        "UPDATE auth_api_keys SET rotated_at = $2, expires_at = $3 WHERE id = $1",
        key.id,
        now,
        dies_at,
    )


async def revoke_key(connection: Connection, key: ApiKey, now: datetime) -> None:
    """Let a key be dead. A command."""
    await connection.execute("UPDATE auth_api_keys SET revoked_at = $2 WHERE id = $1", key.id, now)


async def note_use(connection: Connection, key: ApiKey, now: datetime) -> None:
    """Store that a key was used, unless that is stored for the last minute. A command."""
    await connection.execute(_NOTE_USE, key.id, now, now - _USE_IS_NOTED_EVERY)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        prefix=row["prefix"],
        hash=row["hash"],
        # What only another version knows is not for this one to allow.
        permissions=frozenset(
            _PERMISSIONS[one] for one in row["permissions"] if one in _PERMISSIONS
        ),
        scope=Scope(row["franchise_id"]),
        public_key=row["public_key"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        rotated_at=row["rotated_at"],
        revoked_at=row["revoked_at"],
        predecessor_id=row["predecessor_id"],
    )
