"""Sessions: families of refresh tokens, in an order of generations that no clock decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct

from muster.plugin_api import AuditNotes, Caller, Unauthenticated
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection, UnitOfWork, UnitOfWorkFactory
from muster_auth.accounts import new_id
from muster_auth.audited_accounts import actor_of
from muster_auth.errors import RefreshTokenReused
from muster_auth.fingerprints import agent_family, fingerprint
from muster_auth.refresh_tokens import (
    SALT_BITS,
    TOKEN_BITS,
    first_token,
    successor_of,
    token_hash,
)
from muster_auth.settings import AuthSettings

__all__ = ["Client", "LiveSession", "Opened", "Sessions"]

_log = structlog.get_logger(__name__)

_MOST_SHOWN = 100

_ADVANCE = """
    WITH family AS (
        UPDATE auth_sessions AS s SET generation = s.generation + 1, last_used_at = $4
        FROM auth_refresh_tokens AS t, auth_accounts AS a
        WHERE t.hash = $1 AND s.id = t.session_id AND a.id = s.account_id
            AND s.generation = t.generation AND s.ended_at IS NULL AND s.expires_at > $4
            AND s.fingerprint = $5 AND NOT a.disabled
        RETURNING s.id, s.account_id, s.generation
    ), used AS (
        UPDATE auth_refresh_tokens SET used_at = $4, successor_salt = $3
        WHERE hash = $1 AND EXISTS (SELECT FROM family)
    ), forgotten AS (
        UPDATE auth_refresh_tokens AS t SET successor_salt = NULL
        FROM family WHERE t.session_id = family.id AND t.generation = family.generation - 2
    ), added AS (
        INSERT INTO auth_refresh_tokens (hash, session_id, generation)
        SELECT $2, id, generation FROM family
    )
    SELECT id, account_id FROM family
"""
"""The one conditional update: whoever comes second finds another generation and no row."""

_FAMILY = """
    SELECT s.id, s.account_id, s.generation, s.fingerprint,
        s.ended_at IS NULL AND s.expires_at > $2 AND NOT a.disabled AS live
    FROM auth_refresh_tokens AS t
    JOIN auth_sessions AS s ON s.id = t.session_id
    JOIN auth_accounts AS a ON a.id = s.account_id
    WHERE t.hash = $1
    FOR UPDATE OF s
"""
_TOKEN = "SELECT generation, used_at, successor_salt FROM auth_refresh_tokens WHERE hash = $1"  # noqa: S105 - a statement
_END = """
    UPDATE auth_sessions SET ended_at = $2, ended_because = $3
    WHERE id = $1 AND ended_at IS NULL AND ($4::uuid IS NULL OR account_id = $4) RETURNING id
"""


class Client(Struct, frozen=True):
    """Who sends a request, and by what they are known again.

    Attributes:
        device_id: As it says; empty where it says none.
        user_agent: The header; empty where none was sent.
        caller: For the audit trail.
    """

    device_id: str
    user_agent: str
    caller: Caller


class Opened(Struct, frozen=True):
    """A session with its newest refresh token.

    Attributes:
        session_id: The session.
        account_id: Whose.
        refresh_token: Shown to the client alone.
    """

    session_id: UUID
    account_id: UUID
    refresh_token: str


class LiveSession(Struct, frozen=True):
    """A session as its owner sees it.

    Attributes:
        id: By which it can be ended.
        user_agent: The family of the client.
        created_at: UTC instant of the login.
        last_used_at: UTC instant of the last refresh.
    """

    id: UUID
    user_agent: str
    created_at: datetime
    last_used_at: datetime


class Sessions:
    """Begins, renews, lists and ends sessions."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        clock: Clock,
        entropy: Entropy,
        settings: AuthSettings,
        notes: AuditNotes,
    ) -> None:
        """Keep them in the database.

        Args:
            units: Open units of work.
            clock: When something was used.
            entropy: Makes tokens.
            settings: How long sessions live, and the grace of a refresh.
            notes: Tell of families that end by reuse.
        """
        self._units = units
        self._clock = clock
        self._entropy = entropy
        self._notes = notes
        self._lifetime = timedelta(days=settings.session_days)
        self._grace = timedelta(seconds=settings.refresh_grace_seconds)

    async def begin(self, unit: UnitOfWork, account_id: UUID, client: Client) -> Opened:
        """Begin a session, in a unit of the caller's, and note that somebody logged in."""
        connection = unit.connection
        now = self._clock.now()
        session_id = new_id(self._entropy)
        token = first_token(self._entropy.bits(TOKEN_BITS))
        await connection.execute(
            """
            INSERT INTO auth_sessions (id, account_id, fingerprint, user_agent, generation,
                created_at, last_used_at, expires_at)
            VALUES ($1, $2, $3, $4, 1, $5, $5, $6)
            """,
            session_id,
            account_id,
            fingerprint(client.device_id, client.user_agent),
            agent_family(client.user_agent),
            now,
            now + self._lifetime,
        )
        await connection.execute(
            "INSERT INTO auth_refresh_tokens (hash, session_id, generation) VALUES ($1, $2, 1)",
            token_hash(token),
            session_id,
        )
        begun, actor = {"sessionId": str(session_id)}, actor_of(account_id)
        await self._notes.note(unit, client.caller, "LogIn", account_id, actor=actor, after=begun)
        return Opened(session_id, account_id, token)

    async def renew(self, token: str, client: Client) -> Opened:
        """Exchange a refresh token for its successor.

        The predecessor of the present token gets that one again for a while; whatever is older,
        or comes from another client, ends the family, which lasts although this raises.

        Args:
            token: As the client sent it.
            client: Who sent it.

        Raises:
            Unauthenticated: The token opens nothing, or nothing any more.
            RefreshTokenReused: It ended its family.
        """
        # The instant of arrival: waiting for a connection here does not make a token older.
        now = self._clock.now()
        shown = fingerprint(client.device_id, client.user_agent)
        salt = self._entropy.bits(SALT_BITS).to_bytes(SALT_BITS // 8, "big")
        successor = successor_of(token, salt)
        async with self._units() as unit:
            row = await unit.connection.fetchrow(
                _ADVANCE, token_hash(token), token_hash(successor), salt, now, shown
            )
            found: Opened | RefreshTokenReused
            if row is not None:
                found = Opened(row["id"], row["account_id"], successor)
            else:
                found = await self._once_more(unit, token, client.caller, shown, now)
            # Also where the answer is a refusal: the family has ended.
            await unit.commit()
        if isinstance(found, RefreshTokenReused):
            raise found
        return found

    async def end(
        self, connection: Connection, session_id: UUID, reason: str, owner: UUID | None = None
    ) -> bool:
        """End a session, in a unit of the caller's; return whether it was live.

        Args:
            connection: The unit's.
            session_id: Which.
            reason: As it is stored.
            owner: Whose it has to be; ``None`` where that does not matter.
        """
        row = await connection.fetchrow(_END, session_id, self._clock.now(), reason, owner)
        return row is not None

    async def end_all(
        self, connection: Connection, account_id: UUID, reason: str, keep: UUID | None = None
    ) -> list[UUID]:
        """End every session of an account, in a unit of the caller's; return their ids.

        Args:
            connection: The unit's.
            account_id: Whose.
            reason: As it is stored.
            keep: The one that goes on.
        """
        rows = await connection.fetch(
            """
            UPDATE auth_sessions SET ended_at = $2, ended_because = $3
            WHERE account_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $4 RETURNING id
            """,
            account_id,
            self._clock.now(),
            reason,
            keep,
        )
        return [row["id"] for row in rows]

    async def live(self, account_id: UUID) -> list[LiveSession]:
        """Return the newest live sessions of an account, at most a hundred, newest first."""
        async with self._units() as unit:
            rows = await unit.connection.fetch(
                """
                SELECT id, user_agent, created_at, last_used_at FROM auth_sessions
                WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2
                ORDER BY created_at DESC, id DESC LIMIT $3
                """,
                account_id,
                self._clock.now(),
                _MOST_SHOWN,
            )
        return [
            LiveSession(row["id"], row["user_agent"], row["created_at"], row["last_used_at"])
            for row in rows
        ]

    async def _once_more(
        self, unit: UnitOfWork, token: str, caller: Caller, shown: bytes, now: datetime
    ) -> Opened | RefreshTokenReused:
        """Return the same successor again where that is due, else end the family."""
        connection = unit.connection
        family = await connection.fetchrow(_FAMILY, token_hash(token), now)
        if family is None or not family["live"]:
            raise Unauthenticated("The refresh token is not valid.")
        # Read after the family was locked: what the winner stored with it is there now.
        kept = await connection.fetchrow(_TOKEN, token_hash(token))
        if kept is not None and self._is_due(family, kept, shown, now):
            successor = successor_of(token, kept["successor_salt"])
            return Opened(family["id"], family["account_id"], successor)
        await self.end(connection, family["id"], "reuse")
        ended = {"sessionId": str(family["id"])}
        await self._notes.note(unit, caller, "EndReusedSession", family["account_id"], after=ended)
        _log.warning("refresh_token_reused", session_id=str(family["id"]))
        return RefreshTokenReused(family["id"])

    def _is_due(self, family: Any, kept: Any, shown: bytes, now: datetime) -> bool:
        return (
            family["fingerprint"] == shown
            and kept["generation"] == family["generation"] - 1
            and kept["successor_salt"] is not None
            and self._grace > timedelta()
            and now - kept["used_at"] <= self._grace
        )
