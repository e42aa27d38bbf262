"""One-time codes of six digits, a new one every 30 seconds (RFC 6238)."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime

from pyotp import TOTP
from pyotp.exceptions import OTPVerificationError

__all__ = ["SECRET_BITS", "otpauth_uri", "shown_secret", "step_of"]

SECRET_BITS = 160
"""As long as the hash, as RFC 4226 recommends."""

_STEPS_AROUND = 1


def shown_secret(secret: bytes) -> str:
    """Return a secret as people type it: base32."""
    return b32encode(secret).decode()


def otpauth_uri(secret: bytes, identifier: str, issuer: str) -> str:
    """Return a secret as apps read it from a picture.

    Args:
        secret: Of ``SECRET_BITS``.
        identifier: Of the account.
        issuer: Under which apps list it.
    """
    return TOTP(shown_secret(secret)).provisioning_uri(name=identifier, issuer_name=issuer)


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Return the step of which a code is; ``None`` where it is neither this nor a neighbour's.

    Args:
        secret: Of ``SECRET_BITS``.
        code: As it was typed; blanks between the digits do not matter.
        now: UTC instant.
    """
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None  # pyotp cannot even compare half a character
    try:
        return TOTP(shown_secret(secret)).verify_and_get_timecode(
            typed, for_time=now, valid_window=_STEPS_AROUND
        )
    except OTPVerificationError:
        return None
