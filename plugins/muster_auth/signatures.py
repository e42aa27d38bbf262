"""Signatures of requests, after RFC 9421, with the digest of RFC 9530.

A library reads and verifies them; what has to be signed, by what clock, and that a nonce is used
once, is decided here. The algorithm is Ed25519, whatever a signature says of itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    VerifyResult,
)
from http_message_signatures.algorithms import ED25519
from msgspec import Struct

from muster.plugin_api import Credentials
from muster.ports.clock import Clock
from muster_auth.api_keys import ApiKey
from muster_auth.errors import SignatureInvalid
from muster_auth.nonces import Nonces
from muster_auth.public_keys import loaded_public_key

__all__ = ["SIGNED_COMPONENTS", "Signatures", "is_signed"]

SIGNED_COMPONENTS = ("@method", "@path", "@query", "authorization")
"""What every signature covers; with a body also ``content-digest``.

Neither scheme nor authority: between a client and a server behind a proxy they differ, and the
API key, which is of one deployment, is covered.
"""

_WINDOW = timedelta(minutes=5)
_AHEAD = timedelta(seconds=30)
"""By how much the clock of a client may be ahead."""

_SKEW = timedelta(minutes=1)
"""By how much the clocks of servers may differ: so much longer nonces are kept."""

_LONGEST_NONCE = 128
_LONGEST_REASON = 200
_INPUT = b"signature-input"


class _Lines(Struct, frozen=True):
    sent: Iterable[tuple[bytes, bytes]]

    def items(self) -> Iterable[tuple[str, str]]:
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.sent]


class _Message(Struct, frozen=True):
    method: str
    url: str
    headers: _Lines


class _Verifier(HTTPMessageVerifier):
    """Believes one key, and goes by the clock that it is given."""

    def __init__(self, key_id: str, public_key: str, now: datetime) -> None:
        known = MappingKeyResolver(
            public_keys={key_id: loaded_public_key(public_key)}, private_keys={}
        )
        super().__init__(signature_algorithm=ED25519, key_resolver=known)
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        age = self._now - _instant(created)
        if not -_AHEAD <= age <= _WINDOW:
            raise InvalidSignature("It was created more than five minutes ago, or ahead of time")
        if expires is not None and _instant(expires) <= self._now:
            raise InvalidSignature("It has expired")


class Signatures:
    """Says whether a service signed its request."""

    def __init__(self, clock: Clock, nonces: Nonces) -> None:
        """Verify.

        Args:
            clock: How old a signature is.
            nonces: Which were used.
        """
        self._clock = clock
        self._nonces = nonces

    async def verify(self, key: ApiKey, credentials: Credentials) -> None:
        """See that a service signed its request, and use the nonce. A command.

        Args:
            key: Which it shows.
            credentials: The request; its body is read last.

        Raises:
            SignatureInvalid: It did not, or signed too little, or used the nonce before.
        """
        if key.public_key is None:
            raise SignatureInvalid("The API key has no public key to verify signatures with.")
        verifier = _Verifier(str(key.id), key.public_key, self._clock.now())
        sent = credentials.request
        message = _Message(sent.method, sent.url, _Lines(credentials.headers))
        try:
            results = verifier.verify(message, require_components=SIGNED_COMPONENTS)
            # Before the body, which may be sent so slowly that the nonce is kept no longer.
            await self._use_nonce(key, results[0])
            verifier.verify_body(message, results, await sent.body())
        except HTTPMessageSignaturesException as refused:
            raise _refusal(refused) from None

    async def _use_nonce(self, key: ApiKey, result: VerifyResult) -> None:
        nonce = result.nonce
        if not nonce or len(nonce) > _LONGEST_NONCE:
            raise SignatureInvalid(f"A nonce has 1 to {_LONGEST_NONCE} characters.")
        kept_until = _instant(result.parameters["created"]) + _WINDOW + _SKEW
        if not await self._nonces.use(key.id, nonce, kept_until):
            raise SignatureInvalid("The nonce was used before.")


def is_signed(credentials: Credentials) -> bool:
    """Return whether a request says that it is signed."""
    return any(name == _INPUT for name, _ in credentials.headers)


def _instant(seconds: Any) -> datetime:
    if type(seconds) is not int:
        raise InvalidSignature("It does not say when it was created")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidSignature("It was created at no instant") from None


def _refusal(refused: HTTPMessageSignaturesException) -> SignatureInvalid:
    # The library's own words tell a client what to mend; of a wrong signature it says nothing.
    reason = str(refused)[:_LONGEST_REASON] or "It does not fit the request and the public key"
    return SignatureInvalid(f"The signature does not hold. {reason}.")
