"""Secrets at rest: sealed by a key that is not in the database, each for what it belongs to."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from muster.domain.errors import DomainError
from muster.ports.entropy import Entropy

__all__ = ["KEY_BITS", "KEY_ID_BYTES", "SealNotOpened", "SealedSecrets", "decoded_key", "key_id"]

KEY_BITS = 256
KEY_ID_BYTES = 8
"""So many bytes before everything that is sealed say by which key."""

_NONCE_BITS = 96
_KEY_BYTES = KEY_BITS // 8
_NONCE_BYTES = _NONCE_BITS // 8


class SealNotOpened(DomainError):
    """What is stored was sealed by another key, for something else, or was changed."""

    code: ClassVar[str] = "INTERNAL"


def decoded_key(text: str) -> bytes:
    """Return a key as it stands in settings and files.

    Args:
        text: Base64 of 32 bytes, with either alphabet, with or without padding.

    Raises:
        ValueError: It is none; it is not quoted.
    """
    usual = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        key = b64decode(usual + "=" * (-len(usual) % 4), validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(f"a key is {_KEY_BYTES} bytes in base64")
    return key


def key_id(key: bytes) -> bytes:
    """Return what tells a key from others, and nothing more of it."""
    return sha256(b"muster.auth.secrets-key\0" + key).digest()[:KEY_ID_BYTES]


class SealedSecrets:
    """Seals with AES-256-GCM by the newest key, and opens by this and older ones."""

    def __init__(self, keys: Sequence[bytes], entropy: Entropy) -> None:
        """Take over keys.

        Args:
            keys: Of 32 bytes, the newest first; at least one.
            entropy: Makes nonces.
        """
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self._newest = key_id(keys[0])
        self._entropy = entropy

    @property
    def ids(self) -> list[bytes]:
        """The ids of all keys that open."""
        return list(self._ciphers)

    def is_newest(self, sealed: bytes) -> bool:
        """Return whether it was the newest key that sealed something."""
        return sealed.startswith(self._newest)

    def sealed(self, secret: bytes, owner: str) -> bytes:
        """Return a secret as it is stored.

        Args:
            secret: In the clear.
            owner: What it belongs to: it opens for this alone, so a row is no good elsewhere.
        """
        nonce = self._entropy.bits(_NONCE_BITS).to_bytes(_NONCE_BYTES, "big")
        cipher = self._ciphers[self._newest]
        return self._newest + nonce + cipher.encrypt(nonce, secret, owner.encode())

    def opened(self, sealed: bytes, owner: str) -> bytes:
        """Return a secret in the clear.

        Args:
            sealed: As it is stored.
            owner: As it was sealed for.

        Raises:
            SealNotOpened: There is no such key here, or it is not what was sealed.
        """
        by, rest = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:]
        cipher = self._ciphers.get(by)
        if cipher is None:
            raise SealNotOpened(self.refusal([by]))
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            raise SealNotOpened("A stored secret was changed, or is another's.") from None

    def refusal(self, strange: Sequence[bytes]) -> str:
        """Return what to say of keys that are not here.

        Args:
            strange: Their ids.
        """
        missing = ", ".join(by.hex() for by in strange)
        here = ", ".join(by.hex() for by in self._ciphers)
        return (
            f"Secrets in the database are sealed by a key that is not here ({missing}; here is "
            f"{here}). Set MUSTER_AUTH__SECRETS_KEY to it, or name it in "
            "MUSTER_AUTH__OLDER_SECRETS_KEYS."
        )
