"""Counting what failed: so many guesses for each identifier in a while, whoever makes them.

An attempt is entered before it is evaluated, under a lock of its identifier. So however many
come at once, on however many servers, no more are evaluated than the limit says. The same goes
for addresses, of which more is borne: many people may share one.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection, UnitOfWorkFactory
from muster_auth.accounts import new_id
from muster_auth.errors import TooManyLogins
from muster_auth.identifiers import counted_as
from muster_auth.networks import counted_network
from muster_auth.settings import AuthSettings

__all__ = ["Lockout"]

_LONGEST_EVALUATION = timedelta(seconds=30)
"""After this long an attempt whose end nobody entered has failed: its server died."""

_WAITS = 40
_WAIT_SECONDS = 0.05

_ENTER = """
    WITH known AS (
        SELECT count(*) AS present, count(*) FILTER (WHERE settled OR at < $4) AS failed
        FROM auth_failures WHERE identifier_hash = $2 AND at > $3
    ), near AS (
        SELECT count(*) AS present, count(*) FILTER (WHERE settled OR at < $4) AS failed
        FROM auth_failures WHERE address_hash = $7 AND at > $3
    ), entered AS (
        INSERT INTO auth_failures (id, identifier_hash, at, settled, address_hash)
        SELECT $1, $2, $5, false, $7 FROM known, near
        WHERE known.present < $6 AND ($7::bytea IS NULL OR near.present < $8)
        RETURNING id
    )
    SELECT EXISTS (SELECT FROM entered) AS entered,
        known.failed >= $6 OR ($7 IS NOT NULL AND near.failed >= $8) AS locked
    FROM known, near
"""
_FORGET_OLD = """
    DELETE FROM auth_failures WHERE id IN (
        SELECT id FROM auth_failures WHERE at <= $1 ORDER BY at LIMIT 100
        FOR UPDATE SKIP LOCKED
    )
"""


class Lockout:
    """Says whether an attempt may be evaluated, and is told how it went."""

    def __init__(
        self, units: UnitOfWorkFactory, clock: Clock, entropy: Entropy, settings: AuthSettings
    ) -> None:
        """Count in the database.

        Args:
            units: Open units of work.
            clock: When an attempt was made.
            entropy: Names attempts.
            settings: How many, in how long.
        """
        self._units = units
        self._clock = clock
        self._entropy = entropy
        self._most = settings.lockout_failures
        self._most_near = settings.lockout_address_failures
        self._window = timedelta(minutes=settings.lockout_minutes)

    async def attempt(self, identifier: str, address: str | None = None) -> UUID | None:
        """Enter an attempt that is about to be evaluated; ``None`` where it must not be.

        While as many are being evaluated as could still fail, this waits for them: a right
        password is not refused because others come with it.

        Args:
            identifier: Canonical; of an account or of nobody.
            address: From which it comes, where that is counted, too.

        Raises:
            TooManyLogins: They took too long.
        """
        near = counted_network(address) if address and self._most_near else None
        for _ in range(_WAITS):
            entered, locked = await self._enter(counted_as(identifier), near)
            if entered or locked:
                return entered
            await asyncio.sleep(_WAIT_SECONDS)
        raise TooManyLogins

    async def failed(self, attempt: UUID) -> None:
        """Count an attempt."""
        async with self._units() as unit:
            await unit.connection.execute(
                "UPDATE auth_failures SET settled = true WHERE id = $1", attempt
            )
            await unit.commit()

    async def succeeded(self, attempt: UUID, connection: Connection) -> None:
        """Take an attempt out of the count, in a unit of the caller's."""
        await connection.execute("DELETE FROM auth_failures WHERE id = $1", attempt)

    async def _enter(self, counted: bytes, near: bytes | None) -> tuple[UUID | None, bool]:
        attempt, now = new_id(self._entropy), self._clock.now()
        async with self._units() as unit:
            # Those of addresses are always taken last, so nobody waits in a circle.
            for locked in (counted, near) if near else (counted,):
                await unit.connection.execute("SELECT pg_advisory_xact_lock($1)", _lock(locked))
            await unit.connection.execute(_FORGET_OLD, now - self._window)
            row = await unit.connection.fetchrow(
                _ENTER,
                attempt,
                counted,
                now - self._window,
                now - _LONGEST_EVALUATION,
                now,
                self._most,
                near,
                self._most_near,
            )
            await unit.commit()
        assert row is not None, "a count always has a row"
        return (attempt if row["entered"] else None), row["locked"]


def _lock(counted: bytes) -> int:
    return int.from_bytes(counted[:8], "big", signed=True)
