"""Second factors, as they are stored: one-time codes of a secret, and recovery codes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from muster.domain.errors import IllegalState
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection
from muster_auth.accounts import Account
from muster_auth.one_time_codes import SECRET_BITS, otpauth_uri, shown_secret, step_of
from muster_auth.recovery_codes import new_recovery_codes, recovery_code_hash
from muster_auth.sealed_secrets import SealedSecrets

__all__ = ["ENROLMENT_SECONDS", "Enrolment", "SecondFactors", "ShownFactor", "owner_of_secret"]

ENROLMENT_SECONDS = 600
_STEPS_KEPT = 20
"""Ten minutes of them, far more than are ever looked for."""

_IS_ON = "SELECT 1 FROM auth_second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL"
_BEGIN = """
    INSERT INTO auth_second_factors AS f (account_id, sealed_secret, begun_at)
    VALUES ($1, $2, $3)
    ON CONFLICT ON CONSTRAINT auth_second_factors_pkey DO UPDATE
    SET sealed_secret = excluded.sealed_secret, begun_at = excluded.begun_at
    WHERE f.confirmed_at IS NULL
    RETURNING account_id
"""
_BEGUN = """
    SELECT sealed_secret FROM auth_second_factors
    WHERE account_id = $1 AND confirmed_at IS NULL AND begun_at > $2 FOR UPDATE
"""
_CONFIRM = "UPDATE auth_second_factors SET confirmed_at = $2 WHERE account_id = $1"
_CONFIRMED = """
    SELECT sealed_secret FROM auth_second_factors
    WHERE account_id = $1 AND confirmed_at IS NOT NULL FOR SHARE
"""
_USE_STEP = """
    INSERT INTO auth_used_steps (account_id, step) VALUES ($1, $2)
    ON CONFLICT ON CONSTRAINT auth_used_steps_pkey DO NOTHING
    RETURNING step
"""
_FORGET_STEPS = "DELETE FROM auth_used_steps WHERE account_id = $1 AND step < $2"
_USE_RECOVERY_CODE = """
    DELETE FROM auth_recovery_codes WHERE account_id = $1 AND hash = $2 RETURNING hash
"""
_FORGET_RECOVERY_CODES = "DELETE FROM auth_recovery_codes WHERE account_id = $1"
_KEEP_RECOVERY_CODES = """
    INSERT INTO auth_recovery_codes (account_id, hash) SELECT $1, unnest($2::bytea[])
"""
_REMOVE = "DELETE FROM auth_second_factors WHERE account_id = $1"


class Enrolment(Struct, frozen=True):
    """A second factor that a first code is to confirm.

    Attributes:
        secret: In base32, to be typed.
        uri: To be shown as a picture.
    """

    secret: str
    uri: str


class ShownFactor(Struct, frozen=True):
    """What somebody shows as their second factor: one of the two.

    Attributes:
        code: A one-time code.
        recovery_code: One of the codes for who has lost what makes those.
    """

    code: str | None = None
    recovery_code: str | None = None


def owner_of_secret(account_id: UUID) -> str:
    """Return what the secret of an account is sealed for."""
    return f"second-factor:{account_id}"


class SecondFactors:
    """Works in units of its callers, who have the account's row locked."""

    def __init__(self, clock: Clock, entropy: Entropy, seal: SealedSecrets, issuer: str) -> None:
        """Keep them in the database.

        Args:
            clock: Which step it is.
            entropy: Makes secrets and recovery codes.
            seal: Seals the secrets.
            issuer: Under which apps list them.
        """
        self._clock = clock
        self._entropy = entropy
        self._seal = seal
        self._issuer = issuer

    async def is_on(self, connection: Connection, account_id: UUID) -> bool:
        """Return whether an account has a second factor."""
        return await connection.fetchrow(_IS_ON, account_id) is not None

    async def begin(self, connection: Connection, account: Account) -> Enrolment:
        """Make a secret, which a code of it is to confirm within ten minutes.

        Raises:
            IllegalState: The account has a second factor.
        """
        secret = self._entropy.bits(SECRET_BITS).to_bytes(SECRET_BITS // 8, "big")
        sealed = self._seal.sealed(secret, owner_of_secret(account.id))
        if await connection.fetchrow(_BEGIN, account.id, sealed, self._clock.now()) is None:
            raise IllegalState("There is a second factor already; remove it first.")
        uri = otpauth_uri(secret, account.identifier, self._issuer)
        return Enrolment(shown_secret(secret), uri)

    async def confirm(self, connection: Connection, account_id: UUID, code: str) -> list[str]:
        """Let a second factor count from now on.

        Returns:
            The recovery codes; none where the code is not right.
        """
        now = self._clock.now()
        begun_after = now - timedelta(seconds=ENROLMENT_SECONDS)
        row = await connection.fetchrow(_BEGUN, account_id, begun_after)
        if row is None or not await self._used(connection, account_id, row["sealed_secret"], code):
            return []
        await connection.execute(_CONFIRM, account_id, now)
        return await self.renew_recovery_codes(connection, account_id)

    async def spend(self, connection: Connection, account_id: UUID, shown: ShownFactor) -> bool:
        """Use a code up; return whether it was right, and not used before."""
        if shown.recovery_code is not None:
            hashed = recovery_code_hash(shown.recovery_code)
            return await connection.fetchrow(_USE_RECOVERY_CODE, account_id, hashed) is not None
        row = await connection.fetchrow(_CONFIRMED, account_id)
        return row is not None and await self._used(
            connection, account_id, row["sealed_secret"], shown.code or ""
        )

    async def renew_recovery_codes(self, connection: Connection, account_id: UUID) -> list[str]:
        """Replace the recovery codes; return the new ones, which are told nowhere else."""
        codes = new_recovery_codes(self._entropy)
        hashes = [recovery_code_hash(code) for code in codes]
        await connection.execute(_FORGET_RECOVERY_CODES, account_id)
        await connection.execute(_KEEP_RECOVERY_CODES, account_id, hashes)
        return codes

    async def remove(self, connection: Connection, account_id: UUID) -> None:
        """Let an account have none; the steps that it used stay used."""
        await connection.execute(_FORGET_RECOVERY_CODES, account_id)
        await connection.execute(_REMOVE, account_id)

    async def _used(
        self, connection: Connection, account_id: UUID, sealed: bytes, code: str
    ) -> bool:
        secret = self._seal.opened(sealed, owner_of_secret(account_id))
        step = step_of(secret, code, self._clock.now())
        if step is None:
            return False
        await connection.execute(_FORGET_STEPS, account_id, step - _STEPS_KEPT)
        return await connection.fetchrow(_USE_STEP, account_id, step) is not None
