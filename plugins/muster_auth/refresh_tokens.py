"""Refresh tokens: opaque, known by their hash, each the parent of the next.

A successor is derived from its predecessor and a salt. So a client that lost the answer to a
refresh, or raced with itself, is given the same successor once more, and yet no token is
stored: whoever reads the table has hashes, and salts that are nothing without the token.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

__all__ = ["SALT_BITS", "TOKEN_BITS", "first_token", "successor_of", "token_hash"]

TOKEN_BITS = 256
SALT_BITS = 128


def first_token(bits: int) -> str:
    """Return the first token of a family.

    Args:
        bits: As many random ones as ``TOKEN_BITS``.
    """
    return _shown(bits.to_bytes(TOKEN_BITS // 8, "big"))


def successor_of(token: str, salt: bytes) -> str:
    """Return the token that follows; always the same one for the same salt."""
    return _shown(hmac.digest(_key(token), b"muster.auth.successor\0" + salt, "sha256"))


def token_hash(token: str) -> bytes:
    """Return what is stored of a token. It is random, so one pass suffices."""
    return sha256(b"muster.auth.refresh\0" + _key(token)).digest()


def _key(token: str) -> bytes:
    return token.encode("utf-8", "replace")


def _shown(token: bytes) -> str:
    return "mr_" + urlsafe_b64encode(token).decode().rstrip("=")
