"""Logins that have shown the password and not yet the second factor."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

from msgspec import Struct

from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection
from muster_auth.accounts import Account, account_by_id

__all__ = ["PENDING_SECONDS", "Pending", "PendingLogins"]

PENDING_SECONDS = 300
_TOKEN_BITS = 256

_BEGIN = """
    INSERT INTO auth_pending_logins (hash, account_id, account_version, expires_at)
    VALUES ($1, $2, $3, $4)
"""
_WAITING = """
    SELECT account_id, account_version FROM auth_pending_logins
    WHERE hash = $1 AND expires_at > $2
"""
_TAKE = """
    DELETE FROM auth_pending_logins WHERE hash = $1 AND expires_at > $2 RETURNING account_id
"""


class Pending(Struct, frozen=True):
    """A login that waits for a second factor.

    Attributes:
        token: By which it goes on, once.
        enrolled: Whether the account has a second factor; else one is to be enrolled first.
    """

    token: str
    enrolled: bool


class PendingLogins:
    """Keeps them, by the hashes of their tokens; works in units of its callers."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        """Keep them in the database.

        Args:
            clock: When they expire.
            entropy: Makes tokens.
        """
        self._clock = clock
        self._entropy = entropy

    async def begin(self, connection: Connection, account: Account) -> str:
        """Let a login wait; return its token."""
        now = self._clock.now()
        bits = self._entropy.bits(_TOKEN_BITS).to_bytes(_TOKEN_BITS // 8, "big")
        token = "mw_" + urlsafe_b64encode(bits).decode().rstrip("=")
        expires_at = now + timedelta(seconds=PENDING_SECONDS)
        await connection.execute(_BEGIN, _hash(token), account.id, account.version, expires_at)
        return token

    async def account(self, connection: Connection, token: str) -> Account | None:
        """Return whose login waits; ``None`` where none does, or the account has changed."""
        row = await connection.fetchrow(_WAITING, _hash(token), self._clock.now())
        if row is None:
            return None
        account = await account_by_id(connection, row["account_id"])
        if account is None or account.disabled or account.version != row["account_version"]:
            return None
        return account

    async def take(self, connection: Connection, token: str) -> bool:
        """End the waiting; return whether it was this caller who did."""
        return await connection.fetchrow(_TAKE, _hash(token), self._clock.now()) is not None


def _hash(token: str) -> bytes:
    # It is random, so one pass suffices.
    return sha256(b"muster.auth.pending\0" + token.encode("utf-8", "replace")).digest()
