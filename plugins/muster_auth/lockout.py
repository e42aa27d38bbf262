"""Counting what failed: so many guesses for each identifier in a while, whoever makes them.

An attempt is entered before it is evaluated, under a lock of its identifier. So however many
come at once, on however many servers, no more are evaluated than the limit says.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from muster.plugin_api import Caller
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection, UnitOfWorkFactory
from muster_auth.accounts import new_id
from muster_auth.audit_notes import AuditNotes
from muster_auth.errors import TooManyLogins
from muster_auth.identifiers import counted_as, looked_up
from muster_auth.settings import AuthSettings

__all__ = ["Lockout"]

_LONGEST_EVALUATION = timedelta(seconds=30)
"""After this long an attempt whose end nobody entered has failed: its server died."""

_WAITS = 40
_WAIT_SECONDS = 0.05

_ENTER = """
    WITH recent AS (
        SELECT count(*) AS present, count(*) FILTER (WHERE settled OR at < $4) AS failed
        FROM auth_failures WHERE identifier_hash = $2 AND at > $3
    ), entered AS (
        INSERT INTO auth_failures (id, identifier_hash, at, settled)
        SELECT $1, $2, $5, false FROM recent WHERE present < $6
        RETURNING id
    )
    SELECT failed, EXISTS (SELECT FROM entered) AS entered FROM recent
"""
_LOCKED = """
    SELECT id FROM auth_accounts WHERE identifier = $4 AND (
        SELECT count(*) FROM auth_failures WHERE identifier_hash = $1 AND at > $2 AND settled
    ) = $3
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
        self,
        units: UnitOfWorkFactory,
        clock: Clock,
        entropy: Entropy,
        settings: AuthSettings,
        notes: AuditNotes,
    ) -> None:
        """Count in the database.

        Args:
            units: Open units of work.
            clock: When an attempt was made.
            entropy: Names attempts.
            settings: How many, in how long.
            notes: Tell of accounts that are locked.
        """
        self._units = units
        self._clock = clock
        self._entropy = entropy
        self._notes = notes
        self._most = settings.lockout_failures
        self._window = timedelta(minutes=settings.lockout_minutes)

    async def attempt(self, identifier: str) -> UUID | None:
        """Enter an attempt that is about to be evaluated; ``None`` where it must not be.

        While as many are being evaluated as could still fail, this waits for them: a right
        password is not refused because others come with it.

        Args:
            identifier: Canonical; of an account or of nobody.

        Raises:
            TooManyLogins: They took too long.
        """
        for _ in range(_WAITS):
            entered, locked = await self._enter(identifier)
            if entered or locked:
                return entered
            await asyncio.sleep(_WAIT_SECONDS)
        raise TooManyLogins

    async def failed(self, attempt: UUID, identifier: str, caller: Caller) -> None:
        """Count an attempt; the one that locks an account is noted in the audit trail.

        What nobody is called is not noted, or strangers could fill the trail.

        Args:
            attempt: That was entered.
            identifier: For which; canonical.
            caller: Whose attempt it was.
        """
        counted, since = counted_as(identifier), self._clock.now() - self._window
        async with self._units() as unit:
            connection = unit.connection
            # One by one, so that exactly one of them is the last that was free.
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _lock(counted))
            await connection.execute(
                "UPDATE auth_failures SET settled = true WHERE id = $1", attempt
            )
            row = await connection.fetchrow(
                _LOCKED, counted, since, self._most, looked_up(identifier)
            )
            if row is not None:
                locked = {"failures": self._most}
                await self._notes.note(unit, caller, "LockAccount", row["id"], after=locked)
            await unit.commit()

    async def succeeded(self, attempt: UUID, connection: Connection) -> None:
        """Take an attempt out of the count, in a unit of the caller's."""
        await connection.execute("DELETE FROM auth_failures WHERE id = $1", attempt)

    async def forgive(self, identifier: str, connection: Connection) -> None:
        """Let what failed count no more, in a unit of the caller's.

        Args:
            identifier: For which; canonical.
            connection: The unit's.
        """
        await connection.execute(
            "DELETE FROM auth_failures WHERE identifier_hash = $1 AND settled",
            counted_as(identifier),
        )

    async def _enter(self, identifier: str) -> tuple[UUID | None, bool]:
        attempt, now = new_id(self._entropy), self._clock.now()
        counted = counted_as(identifier)
        async with self._units() as unit:
            await unit.connection.execute("SELECT pg_advisory_xact_lock($1)", _lock(counted))
            await unit.connection.execute(_FORGET_OLD, now - self._window)
            row = await unit.connection.fetchrow(
                _ENTER,
                attempt,
                counted,
                now - self._window,
                now - _LONGEST_EVALUATION,
                now,
                self._most,
            )
            await unit.commit()
        assert row is not None, "a count always has a row"
        return (attempt if row["entered"] else None), row["failed"] >= self._most


def _lock(counted: bytes) -> int:
    return int.from_bytes(counted[:8], "big", signed=True)
