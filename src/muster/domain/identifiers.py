"""UUIDv7: identifiers that sort by the time they were made (RFC 9562, section 5.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

__all__ = ["UUID7_RANDOM_BITS", "instant_of", "uuid7"]

UUID7_RANDOM_BITS = 74
"""How many random bits one identifier carries."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def uuid7(instant: datetime, bits: int) -> UUID:
    """Return the identifier for an instant (to the millisecond) and 74 random bits."""
    milliseconds = (instant - _EPOCH) // _MILLISECOND
    high, low = bits >> 62 & 0xFFF, bits & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def instant_of(identifier: UUID) -> datetime:
    """Return the UTC instant in an identifier of this kind, to the millisecond."""
    return _EPOCH + (identifier.int >> 80) * _MILLISECOND
