"""API keys as they are wanted: what the routes read, and the register makes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from muster.plugin_api import Permission

__all__ = ["ApiKeyOrder", "ApiKeyRotation"]

_Instant = Annotated[datetime, Meta(tz=True)]
_PublicKey = Annotated[str, Meta(min_length=1, max_length=1000)]
_LONGEST_OVERLAP_SECONDS = 2_592_000


class ApiKeyOrder(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An API key that is wanted.

    Attributes:
        name: What it is for.
        permissions: What the service may do; no more than who makes it.
        expires_at: From when on it is dead.
        franchise_id: On whose ground; ``null`` is everything.
        public_key: Ed25519 in PEM, for services that sign.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: Annotated[list[Permission], Meta(min_length=1, max_length=100)]
    expires_at: _Instant
    franchise_id: UUID | None = None
    public_key: _PublicKey | None = None


class ApiKeyRotation(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A successor that is wanted.

    Attributes:
        expires_at: From when on it is dead.
        overlap_seconds: How long the old key lives beside it; ``null`` is what the settings say.
        public_key: Another one; ``null`` keeps that of the old key.
    """

    expires_at: _Instant
    overlap_seconds: Annotated[int, Meta(ge=0, le=_LONGEST_OVERLAP_SECONDS)] | None = None
    public_key: _PublicKey | None = None
