"""Tokens that are mailed: opaque, for one use, and stored as hashes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from enum import Enum
from hashlib import sha256

from muster.ports.entropy import Entropy

__all__ = ["TokenPurpose", "mailed_token", "mailed_token_hash"]

_TOKEN_BITS = 256


class TokenPurpose(Enum):
    """What a token is for; its beginning says so, and its hash depends on it."""

    INVITATION = "mi_"
    PASSWORD_RESET = "mp_"  # noqa: S105 - the beginning of one


def mailed_token(purpose: TokenPurpose, entropy: Entropy) -> str:
    """Return a new token."""
    drawn = entropy.bits(_TOKEN_BITS).to_bytes(_TOKEN_BITS // 8, "big")
    return purpose.value + urlsafe_b64encode(drawn).decode().rstrip("=")


def mailed_token_hash(purpose: TokenPurpose, token: str) -> bytes:
    """Return what is stored of a token. It is random, so one pass suffices."""
    kind = b"muster.auth.mailed\0" + purpose.value.encode()
    return sha256(kind + token.encode("utf-8", "replace")).digest()
