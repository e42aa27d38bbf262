"""Access tokens: short, signed, and believed only where everything about them is ours.

Of a token's header nothing is followed: the key is one of our own set, the algorithm is one,
and a header that says anything else beside them is refused.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from enum import Enum
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from msgspec import Struct

from muster.plugin_api import Role, Scope, Unauthenticated
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster_auth.accounts import new_id
from muster_auth.settings import AuthSettings
from muster_auth.signing_keys import KeySet, SigningKeys
from muster_auth.verified_tokens import VerifiedTokens

__all__ = ["AccessTokens", "Claims", "TokenUse", "is_jwt"]

_ALGORITHM = "Ed25519"
"""EdDSA with its curve, as RFC 9864 names it."""

_TYPE = "at+jwt"
_LONGEST = 4_096
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_SKEW = timedelta(seconds=5)
"""By how much the clock of another server may be ahead."""


class TokenUse(Enum):
    """What a token is for."""

    SESSION = "access"
    SCRIPT = "script"


class _Header(Struct, frozen=True, forbid_unknown_fields=True):
    alg: str
    kid: str
    typ: str


class Claims(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a token says.

    Attributes:
        iss: Who issued it.
        aud: For whom.
        sub: The account's id, or ``script``.
        iat: When it was issued, in seconds since the epoch.
        nbf: From when on it is valid.
        exp: From when on it is not.
        jti: Its own id.
        token_use: What it is for.
        sid: The session that it belongs to; of a session's token.
        role: What its holder may do; of a script's token.
        franchise: On whose ground; of a script's token.
        trainer: On whose time; of a script's token.
        client: On whose bookings; of a script's token.
    """

    iss: str
    aud: str
    sub: str
    iat: int
    nbf: int
    exp: int
    jti: UUID
    token_use: TokenUse
    sid: UUID | None = None
    role: Role | None = None
    franchise: UUID | None = None
    trainer: UUID | None = None
    client: UUID | None = None

    @property
    def scope(self) -> Scope:
        """The bounds that a script's token names."""
        return Scope(self.franchise, self.trainer, self.client)

    @property
    def expires_at(self) -> datetime:
        """The instant from which on it is not valid."""
        return datetime.fromtimestamp(self.exp, UTC)


_DECODER = msgspec.json.Decoder(Claims)
_HEADERS = msgspec.json.Decoder(_Header)


def is_jwt(token: str) -> bool:
    """Return whether a bearer token looks as ours do."""
    return token.count(".") == 2


class AccessTokens:
    """Issues access tokens, and says whether one that is shown is ours."""

    def __init__(
        self, keys: SigningKeys, clock: Clock, entropy: Entropy, settings: AuthSettings
    ) -> None:
        """Sign with the deployment's keys.

        Args:
            keys: They sign and verify.
            clock: From when to when a token is valid.
            entropy: Names tokens.
            settings: Issuer, audience and lifetime.
        """
        self._keys = keys
        self._clock = clock
        self._entropy = entropy
        self._settings = settings
        self._verified = VerifiedTokens[Claims]()

    async def for_session(self, account_id: UUID, session_id: UUID) -> str:
        """Return a token of a session; what its holder may do is asked when it is shown."""
        claims = self._claims(str(account_id), TokenUse.SESSION)
        return await self._signed(msgspec.structs.replace(claims, sid=session_id))

    async def for_script(self, role: Role, scope: Scope) -> tuple[str, Claims]:
        """Return a token that says itself what its holder may do, and what it says."""
        claims = msgspec.structs.replace(
            self._claims("script", TokenUse.SCRIPT),
            role=role,
            franchise=scope.franchise_id,
            trainer=scope.trainer_id,
            client=scope.client_id,
        )
        return await self._signed(claims), claims

    async def verified(self, token: str) -> Claims:
        """Return what a token says, where it is one of ours and its time is now.

        Raises:
            Unauthenticated: It is not, for whatever reason.
        """
        keys = await self._keys.present()
        claims = self._verified.said(token, keys)
        if claims is None:
            claims = _verified(token, keys)
            self._verified.remember(token, keys, claims)
        self._refuse_unfit(claims)
        return claims

    def _refuse_unfit(self, claims: Claims) -> None:
        now = self._clock.now().timestamp()
        of_session = claims.token_use is TokenUse.SESSION
        if (
            claims.iss != self._settings.issuer
            or claims.aud != self._settings.audience
            or not claims.nbf - _SKEW.total_seconds() <= now < claims.exp
            or of_session != (claims.sid is not None)
            or of_session == (claims.role is not None)
        ):
            raise _refusal()

    def _claims(self, subject: str, use: TokenUse) -> Claims:
        now = int(self._clock.now().timestamp())
        return Claims(
            iss=self._settings.issuer,
            aud=self._settings.audience,
            sub=subject,
            iat=now,
            nbf=now,
            exp=now + self._settings.access_token_seconds,
            jti=new_id(self._entropy),
            token_use=use,
        )

    async def _signed(self, claims: Claims) -> str:
        present = await self._keys.present()
        header = {"alg": _ALGORITHM, "kid": present.signs, "typ": _TYPE}
        payload = msgspec.json.encode(claims)
        return jws.serialize_compact(
            header, payload, present.keys[present.signs], algorithms=[_ALGORITHM]
        )


def _verified(token: str, keys: KeySet) -> Claims:
    if len(token) > _LONGEST or not _SHAPE.fullmatch(token):
        raise _refusal()
    try:
        header = _HEADERS.decode(_unpadded(token.partition(".")[0]))
    except (ValueError, msgspec.DecodeError):
        raise _refusal() from None
    key = keys.keys.get(header.kid)
    if header.alg != _ALGORITHM or header.typ != _TYPE or key is None:
        raise _refusal()
    try:
        signed = jws.deserialize_compact(token, key, algorithms=[_ALGORITHM])
        return _DECODER.decode(signed.payload)
    except (JoseError, ValueError, msgspec.DecodeError):
        raise _refusal() from None


def _refusal() -> Unauthenticated:
    # One answer for every reason: who forges learns nothing from it.
    return Unauthenticated("The access token is not valid.")


def _unpadded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
