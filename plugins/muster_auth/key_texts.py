"""API keys as services show them: ``muster_``, a prefix to know it by, and a secret.

The secret is 256 random bits with a checksum behind them. So a key that was mistyped or cut off is
refused without asking the database, and a search for keys that leaked finds nothing else.
"""

from __future__ import annotations

import re
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from zlib import crc32

from msgspec import Struct

from muster.ports.entropy import Entropy

__all__ = ["KeyText", "is_api_key", "key_hash", "new_key_text"]

_MARK = "muster_"
_SHAPE = re.compile(r"(muster_[a-z2-7]{12})_([A-Za-z0-9_-]{48})")
_PREFIX_BYTES = 8
_PREFIX_CHARACTERS = 12
_SECRET_BYTES = 32
_CHECKSUM_BYTES = 4


class KeyText(Struct, frozen=True):
    """A new key.

    Attributes:
        prefix: What may be shown of it again.
        shown: The whole, for whoever made it, once.
        hash: What is stored of the whole.
    """

    prefix: str
    shown: str
    hash: bytes


def new_key_text(entropy: Entropy) -> KeyText:
    """Return a key that nobody has yet."""
    name = b32encode(entropy.bits(_PREFIX_BYTES * 8).to_bytes(_PREFIX_BYTES, "big"))
    prefix = _MARK + name[:_PREFIX_CHARACTERS].decode().lower()
    secret = entropy.bits(_SECRET_BYTES * 8).to_bytes(_SECRET_BYTES, "big")
    checked = secret + _checksum(prefix, secret)
    shown = f"{prefix}_{urlsafe_b64encode(checked).decode()}"
    return KeyText(prefix, shown, _hash(shown))


def is_api_key(token: str) -> bool:
    """Return whether a bearer token says that it is an API key."""
    return token.startswith(_MARK)


def key_hash(shown: str) -> bytes | None:
    """Return what is stored of a key; ``None`` where it cannot be one."""
    parts = _SHAPE.fullmatch(shown)
    if parts is None:
        return None
    checked = urlsafe_b64decode(parts[2])
    if _checksum(parts[1], checked[:_SECRET_BYTES]) != checked[_SECRET_BYTES:]:
        return None
    return _hash(shown)


def _hash(shown: str) -> bytes:
    # A key is random, so one pass suffices.
    return sha256(b"muster.auth.api_key\0" + shown.encode()).digest()


def _checksum(prefix: str, secret: bytes) -> bytes:
    return crc32(prefix.encode() + secret).to_bytes(_CHECKSUM_BYTES, "big")
