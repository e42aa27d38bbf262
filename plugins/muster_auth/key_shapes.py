"""What the routes of API keys answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from muster_auth.api_keys import ApiKey
from muster_auth.key_register import MadeKey

__all__ = ["ApiKeyList", "ApiKeyShape", "MadeApiKey", "key_shape", "made_key_shape"]


class ApiKeyShape(Struct, frozen=True, rename="camel"):
    """An API key, without what only its service knows.

    Attributes:
        id: Names it; signatures name it as their ``keyid``.
        name: What it is for.
        prefix: How the key begins.
        permissions: What the service may do.
        franchise_id: On whose ground; ``null`` is everything.
        public_key: With which signatures are verified.
        created_by: Who made it, as the audit trail names them.
        created_at: UTC instant.
        expires_at: UTC instant.
        last_used_at: UTC instant, to the minute.
        rotated_at: UTC instant at which it got a successor.
        revoked_at: UTC instant.
        predecessor_id: Whose successor it is.
    """

    id: UUID
    name: str
    prefix: str
    permissions: list[str]
    franchise_id: UUID | None
    public_key: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None
    predecessor_id: UUID | None


class MadeApiKey(Struct, frozen=True, rename="camel"):
    """A new API key.

    Attributes:
        key: For ``Authorization: Bearer …``; it is never shown again.
        described: What is known of it.
    """

    key: str
    described: ApiKeyShape


class ApiKeyList(Struct, frozen=True, rename="camel"):
    """API keys: the living first, then the newest; at most 500."""

    data: list[ApiKeyShape]


def key_shape(key: ApiKey) -> ApiKeyShape:
    """Return a key as it is shown."""
    return ApiKeyShape(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        permissions=sorted(one.value for one in key.permissions),
        franchise_id=key.scope.franchise_id,
        public_key=key.public_key,
        created_by=key.created_by,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        rotated_at=key.rotated_at,
        revoked_at=key.revoked_at,
        predecessor_id=key.predecessor_id,
    )


def made_key_shape(made: MadeKey) -> MadeApiKey:
    """Return a new key as it is shown, once."""
    return MadeApiKey(made.shown, key_shape(made.key))
