"""Whether a token's session is still alive, asked anew at least every half second.

What was ended on another server is dead here within a second; what was ended here, at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.plugin_api import Role, Scope
from muster.ports.clock import Clock
from muster.ports.unit_of_work import Connection, UnitOfWorkFactory
from muster_auth.access_tokens import Claims
from muster_auth.accounts import scope_of
from muster_auth.remembered import Remembered

__all__ = ["Standing", "Standings"]

_SESSION = """
    SELECT a.id, a.role, a.franchise_id, a.trainer_id, a.client_id
    FROM auth_sessions AS s JOIN auth_accounts AS a ON a.id = s.account_id
    WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND NOT a.disabled
"""
_REVOKED = "SELECT 1 FROM auth_revocations WHERE jti = $1"
_REVOKE = """
    INSERT INTO auth_revocations (jti, expires_at) VALUES ($1, $2)
    ON CONFLICT DO NOTHING RETURNING jti
"""


class Standing(Struct, frozen=True):
    """What somebody is at present.

    Attributes:
        account_id: Whose; ``None`` is a script.
        role: What they may do.
        scope: On what.
    """

    account_id: UUID | None
    role: Role
    scope: Scope


class Standings:
    """Asks the database, and remembers its answers for a moment."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember nothing yet.

        Args:
            units: Open units of work.
            clock: What has expired.
            monotonic: Returns seconds from any beginning.
        """
        self._units = units
        self._clock = clock
        self._known: Remembered[UUID, Standing | None] = Remembered(monotonic)

    async def of(self, claims: Claims) -> Standing | None:
        """Return what the holder of a token is; ``None`` where it was revoked.

        Raises:
            DatabaseUnavailable: Nobody can say; nobody gets in.
        """
        return await self._known.answer(claims.sid or claims.jti, lambda: self._found(claims))

    def forget(self, id_: UUID) -> None:
        """Ask anew about a session, or about a token of none."""
        self._known.forget(id_)

    def forget_all(self, session_ids: Iterable[UUID]) -> None:
        """Ask anew about sessions, as those that have just ended."""
        for session_id in session_ids:
            self.forget(session_id)

    async def revoke(self, connection: Connection, claims: Claims) -> bool:
        """Let a token of no session be dead before its time, in a unit of the caller's.

        Returns:
            Whether it was alive; then it is to be forgotten after the commit.
        """
        row = await connection.fetchrow(_REVOKE, claims.jti, claims.expires_at)
        return row is not None

    async def _found(self, claims: Claims) -> Standing | None:
        async with self._units() as unit:
            return await self._read(unit.connection, claims)

    async def _read(self, connection: Connection, claims: Claims) -> Standing | None:
        if claims.sid is not None:
            row: Any = await connection.fetchrow(_SESSION, claims.sid, self._clock.now())
            return row and Standing(row["id"], Role(row["role"]), scope_of(row))
        assert claims.role is not None, "a token of no session names its role"
        if await connection.fetchrow(_REVOKED, claims.jti):
            return None
        return Standing(None, claims.role, claims.scope)
