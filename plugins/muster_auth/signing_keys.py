"""The keys that sign access tokens: made in the database, shared by every server, replaced.

A new key is known to every server before any of them signs with it, and an old one is known
until the last token that it signed has expired. So a server never has to ask again because a
token names a key that it does not know, and nobody can make it ask.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from joserfc.jwk import OKPKey
from msgspec import Struct

from muster.plugin_api import AuditNotes, Caller
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection, UnitOfWorkFactory
from muster_auth.sealed_secrets import SealedSecrets

__all__ = ["KNOWN_FOR_SECONDS", "KeySet", "SigningKeys", "owner_of_key"]

KNOWN_FOR_SECONDS = 2.0
"""For how long a process goes by what it has read."""

_LEAD = timedelta(seconds=5)
"""How long a new key is known before it signs; longer than servers remember."""


class KeySet(Struct, frozen=True):
    """The keys of one moment.

    Attributes:
        signs: The id of the key that signs.
        keys: Those that verify, by their ids.
        read_at: Seconds of the monotonic clock.
    """

    signs: str
    keys: Mapping[str, OKPKey]
    read_at: float


def owner_of_key(kid: str) -> str:
    """Return what a private key is sealed for."""
    return f"signing-key:{kid}"


class SigningKeys:
    """The keys of a deployment."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        clock: Clock,
        entropy: Entropy,
        seal: SealedSecrets,
        token_seconds: int,
        notes: AuditNotes,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read nothing yet.

        Args:
            units: Open units of work.
            clock: When a key was made or retired.
            entropy: Names keys.
            seal: Seals the private keys.
            token_seconds: How long what they sign lives.
            notes: Tell of new keys.
            monotonic: Returns seconds from any beginning.
        """
        self._units = units
        self._clock = clock
        self._entropy = entropy
        self._notes = notes
        self._seal = seal
        self._monotonic = monotonic
        self._verifies_for = timedelta(seconds=token_seconds) + 2 * _LEAD
        self._known: KeySet | None = None
        self._reading = asyncio.Lock()

    async def present(self) -> KeySet:
        """Return the keys, as old as ``KNOWN_FOR_SECONDS`` at most; make the first one."""
        if (known := self._fresh()) is not None:
            return known
        async with self._reading:
            if (known := self._fresh()) is not None:
                return known
            self._known = await self._read()
            return self._known

    async def rotate(self, caller: Caller, *, at_once: bool = False) -> str:
        """Make a new key; return its id.

        Args:
            caller: On whose behalf.
            at_once: Whether the old keys are no longer believed from now on: every access
                token dies. Else they verify what they have signed until it expires.
        """
        now = self._clock.now()
        async with self._units() as unit:
            connection = unit.connection
            await connection.execute("LOCK TABLE auth_signing_keys IN EXCLUSIVE MODE")
            if at_once:
                await connection.execute("DELETE FROM auth_signing_keys")
            else:
                await connection.execute(
                    "DELETE FROM auth_signing_keys WHERE retired_at <= $1",
                    now - self._verifies_for,
                )
                await connection.execute(
                    "UPDATE auth_signing_keys SET retired_at = $1 WHERE retired_at IS NULL",
                    now + _LEAD,
                )
            kid = await self._add(connection, now)
            await self._notes.note(
                unit,
                caller,
                "RotateKeys",
                UUID(int=int(kid, 16)),
                subject_kind="signing_key",
                after={"kid": kid, "atOnce": at_once},
            )
            await unit.commit()
        # After what is being read at this moment: else that would be kept.
        async with self._reading:
            self._known = None
        return kid

    def _fresh(self) -> KeySet | None:
        known = self._known
        if known is None or self._monotonic() - known.read_at > KNOWN_FOR_SECONDS:
            return None
        return known

    async def _read(self) -> KeySet:
        read_at = self._monotonic()
        async with self._units() as unit:
            rows = await self._rows(unit.connection)
            if not rows:
                await self._add(unit.connection, self._clock.now())
                await unit.commit()
        if not rows:
            async with self._units() as unit:
                rows = await self._rows(unit.connection)
        keys = {kid: self._opened(kid, sealed) for kid, sealed, _ in rows}
        now = self._clock.now()
        signing = [kid for kid, _, retired_at in rows if retired_at is None or retired_at > now]
        return KeySet(signing[0], keys, read_at)

    async def _rows(self, connection: Connection) -> list[tuple[str, bytes, datetime | None]]:
        rows = await connection.fetch(
            """
            SELECT kid, sealed_private_key, retired_at FROM auth_signing_keys
            WHERE retired_at IS NULL OR retired_at > $1 ORDER BY retired_at NULLS LAST
            """,
            self._clock.now() - self._verifies_for,
        )
        return [(row["kid"], row["sealed_private_key"], row["retired_at"]) for row in rows]

    async def _add(self, connection: Connection, now: datetime) -> str:
        kid = f"{self._entropy.bits(96):024x}"
        key = OKPKey.generate_key("Ed25519")
        await connection.execute(
            "INSERT INTO auth_signing_keys (kid, sealed_private_key, created_at)"
            " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            kid,
            self._seal.sealed(key.as_pem(private=True), owner_of_key(kid)),
            now,
        )
        return kid

    def _opened(self, kid: str, sealed: bytes) -> OKPKey:
        return OKPKey.import_key(self._seal.opened(sealed, owner_of_key(kid)))
