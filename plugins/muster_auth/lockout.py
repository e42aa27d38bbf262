"""Counting what failed: so many guesses for each identifier in a while, whoever makes them.

An attempt is entered before it is evaluated, under a lock of its identifier. So however many
come at once, on however many servers, no more are evaluated than the limit says. The same goes
for addresses, of which more is borne: many people may share one.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from muster.plugin_api import AuditNotes, Caller
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection, UnitOfWork, UnitOfWorkFactory
from muster_auth.accounts import new_id
from muster_auth.errors import TooManyLogins
from muster_auth.identifiers import counted_as, looked_up
from muster_auth.networks import counted_network
from muster_auth.settings import AuthSettings

__all__ = ["Attempt", "Lockout"]

_LONGEST_EVALUATION = timedelta(seconds=30)
"""After this long an attempt whose end nobody entered has failed: its server died."""

_WAITS = 40
_WAIT_SECONDS = 0.05

_ENTER = """
    WITH died AS (
        UPDATE auth_failures SET settled = true
        WHERE identifier_hash = $2 AND at > $3 AND at < $4 AND NOT settled RETURNING id
    ), known AS (
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
    SELECT EXISTS (SELECT FROM entered) AS entered, EXISTS (SELECT FROM died) AS died,
        known.failed >= $6 OR ($7 IS NOT NULL AND near.failed >= $8) AS locked
    FROM known, near
"""
"""Settles those whose server died, too."""
_SETTLE = "UPDATE auth_failures SET settled = true WHERE id = $1 AND NOT settled RETURNING id"
_LOCKED = """
    WITH failed AS MATERIALIZED (
        SELECT count(*) AS times FROM auth_failures
        WHERE identifier_hash = $1 AND at > $2 AND settled
    )
    SELECT account.id FROM failed LEFT JOIN auth_accounts AS account ON account.identifier = $4
    WHERE times = $3
"""
"""Counts first, so that it takes as long for who has no account."""


class Attempt(Struct, frozen=True):
    """One that was entered, and is to be settled.

    Attributes:
        id: Its own.
        identifier: For which it is; canonical, of an account or of nobody.
        caller: Whose it is.
    """

    id: UUID
    identifier: str
    caller: Caller


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
        self._most_near = settings.lockout_address_failures
        self._window = timedelta(minutes=settings.lockout_minutes)

    async def attempt(self, identifier: str, caller: Caller) -> Attempt | None:
        """Enter an attempt that is about to be evaluated; ``None`` where it must not be.

        While as many are being evaluated as could still fail, this waits for them: a right
        password is not refused because others come with it.

        Args:
            identifier: Canonical; of an account or of nobody.
            caller: Whose it is; the address from which it comes is counted, too.

        Raises:
            TooManyLogins: They took too long.
        """
        address = caller.address if self._most_near else None
        near = counted_network(address) if address else None
        attempt = Attempt(new_id(self._entropy), identifier, caller)
        for _ in range(_WAITS):
            entered, locked = await self._enter(attempt, near)
            if entered:
                return attempt
            if locked:
                return None
            await asyncio.sleep(_WAIT_SECONDS)
        raise TooManyLogins

    async def failed(self, attempt: Attempt) -> None:
        """Count an attempt; the one that locks an account is noted in the audit trail.

        What nobody is called is not noted, or strangers could fill the trail.

        Args:
            attempt: That was entered.
        """
        async with self._units() as unit:
            await _take_turn(unit, counted_as(attempt.identifier))
            if await unit.connection.fetchrow(_SETTLE, attempt.id):
                await self._note_lock(unit, attempt.identifier, attempt.caller)
            await unit.commit()

    async def succeeded(self, attempt: Attempt, connection: Connection) -> None:
        """Take an attempt out of the count, in a unit of the caller's."""
        await connection.execute("DELETE FROM auth_failures WHERE id = $1", attempt.id)

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

    async def _enter(self, attempt: Attempt, near: bytes | None) -> tuple[bool, bool]:
        now, counted = self._clock.now(), counted_as(attempt.identifier)
        async with self._units() as unit:
            # Those of addresses are always taken last, so nobody waits in a circle.
            for taken in (counted, near) if near else (counted,):
                await _take_turn(unit, taken)
            row = await unit.connection.fetchrow(
                _ENTER,
                attempt.id,
                counted,
                now - self._window,
                now - _LONGEST_EVALUATION,
                now,
                self._most,
                near,
                self._most_near,
            )
            assert row is not None, "a count always has a row"
            if row["died"]:
                # Nobody remembers whose it was; it was not whoever comes now.
                unknown = Caller(None, str(new_id(self._entropy)))
                await self._note_lock(unit, attempt.identifier, unknown)
            await unit.commit()
        return row["entered"], row["locked"]

    async def _note_lock(self, unit: UnitOfWork, identifier: str, caller: Caller) -> None:
        """Note that an account is locked, if it is by what has just been settled."""
        since, called = self._clock.now() - self._window, looked_up(identifier)
        row = await unit.connection.fetchrow(
            _LOCKED, counted_as(identifier), since, self._most, called
        )
        if row is not None and row["id"] is not None:
            locked = {"failures": self._most}
            await self._notes.note(unit, caller, "LockAccount", row["id"], after=locked)


async def _take_turn(unit: UnitOfWork, counted: bytes) -> None:
    """Let others that count the same wait, so that exactly one of them is the last free one."""
    key = int.from_bytes(counted[:8], "big", signed=True)
    await unit.connection.execute("SELECT pg_advisory_xact_lock($1)", key)
