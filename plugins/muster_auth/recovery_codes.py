"""Recovery codes: for who has lost what makes one-time codes."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

from muster.ports.entropy import Entropy

__all__ = ["new_recovery_codes", "recovery_code_hash"]

_COUNT = 10
_BITS = 80
_GROUP = 4


def new_recovery_codes(entropy: Entropy) -> list[str]:
    """Return ten codes of 80 random bits, each in four groups."""
    return [_shown(entropy.bits(_BITS)) for _ in range(_COUNT)]


def recovery_code_hash(code: str) -> bytes:
    """Return what is stored of a code. It is random, so one pass suffices.

    Args:
        code: As it was typed; case, hyphens and blanks do not matter.
    """
    typed = "".join(code.replace("-", " ").split()).lower()
    return sha256(b"muster.auth.recovery\0" + typed.encode("utf-8", "replace")).digest()


def _shown(bits: int) -> str:
    letters = b32encode(bits.to_bytes(_BITS // 8, "big")).decode().lower()
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
