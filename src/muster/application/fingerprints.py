"""Fingerprints: by which a request that comes again is known for the same one."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from muster.domain.bookings import Purchase

__all__ = ["fingerprint_of"]

_FORM = b"\x01"
"""The form of what is hashed; another form must have another byte."""


def fingerprint_of(purchase: Purchase) -> bytes:
    """Return 33 bytes that two purchases share when they ask for the same.

    What is not said is left out, so a field that comes later changes no old fingerprint.
    """
    plain = _said(msgspec.to_builtins(purchase))
    return _FORM + sha256(msgspec.json.encode(plain, order="sorted")).digest()


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items() if item not in (None, (), [])}
    if isinstance(value, list | tuple):
        return [_said(item) for item in value]
    if isinstance(value, float):
        return value + 0.0  # -0.0 is the same place as 0.0
    return value
