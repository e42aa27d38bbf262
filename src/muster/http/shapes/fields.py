"""The types of single fields, with their bounds; one place for each format."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from unicodedata import bidirectional, category

from msgspec import Meta

from muster.application.structure import CHECK
from muster.domain.local_time import is_time_zone
from muster.domain.names import tidy_name
from muster.domain.zones import MAX_RADIUS_KM
from muster.plugin_api.fields import CertificateText, IdText, Limit, Version

__all__ = [
    "CertificateText",
    "Degrees90",
    "Degrees180",
    "Email",
    "IdText",
    "Instant",
    "Limit",
    "Name",
    "Note",
    "Phone",
    "Priority",
    "RadiusKm",
    "Reason",
    "Reference",
    "TimeSlot",
    "TimeZoneName",
    "Version",
    "Word",
    "in_utc",
]

_VISIBLE = r"^[^\x00]*[^\s\x00][^\x00]*$"
_LONGEST_NAME = 200
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Bidirectional classes that can make a name look like another one."""

_SMALLEST_INTEGER, _LARGEST_INTEGER = -(2**31), 2**31 - 1


def _unknown_time_zone(name: str) -> str | None:
    return None if is_time_zone(name) else "There is no such IANA time zone."


def _unreadable_name(name: str) -> str | None:
    tidied = tidy_name(name)
    if len(tidied) > _LONGEST_NAME:
        return f"Written in full, this has more than {_LONGEST_NAME} characters."
    if not any(category(character)[0] not in "CZ" for character in tidied):
        return "Nothing of this can be seen."
    if any(category(one) == "Cc" or bidirectional(one) in _TURNS for one in name):
        return "This has control characters, or turns the direction of writing."
    return None


Instant = Annotated[datetime, Meta(tz=True, description="An instant, with its offset from UTC.")]
Word = Annotated[str, Meta(pattern=r"^[^\x00]+$", min_length=1, max_length=200)]
Name = Annotated[
    str,
    Meta(
        pattern=_VISIBLE,
        min_length=1,
        max_length=_LONGEST_NAME,
        extra={CHECK: _unreadable_name},
    ),
]
# Without the second end, Python's `$` would let a line feed pass.
Email = Annotated[str, Meta(pattern=r"^[^\s\x00@]+@[^\s\x00@]+$(?!\n)", max_length=200)]
Phone = Annotated[str, Meta(pattern=r"^[0-9+() .-]+$(?!\n)", max_length=40)]
Note = Annotated[str, Meta(pattern=r"^[^\x00]*$", max_length=1000)]
Reason = Annotated[
    str, Meta(pattern=_VISIBLE, min_length=1, max_length=1000, description="Why, in words.")
]
Reference = Annotated[
    str,
    Meta(
        pattern=_VISIBLE,
        min_length=1,
        max_length=100,
        description="The client's own key: one reference, one booking.",
    ),
]
TimeZoneName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="An IANA time zone.",
        examples=["Asia/Kolkata"],
        extra={CHECK: _unknown_time_zone},
    ),
]
TimeSlot = Annotated[
    str,
    Meta(
        pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
        max_length=5,
        description="HH:MM on the local clock, 00:00 to 23:59.",
    ),
]
Degrees90 = Annotated[float, Meta(ge=-90, le=90, description="Degrees, north positive.")]
Degrees180 = Annotated[float, Meta(ge=-180, le=180, description="Degrees, east positive.")]
RadiusKm = Annotated[float, Meta(gt=0, le=MAX_RADIUS_KM, description="Kilometres.")]
Priority = Annotated[
    int,
    Meta(
        ge=_SMALLEST_INTEGER,
        le=_LARGEST_INTEGER,
        description="The higher one wins where zones overlap.",
    ),
]


def in_utc(instant: datetime | None) -> datetime | None:
    """Return an instant in UTC; one at an end of time stays there."""
    if instant is None:
        return None
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return instant.replace(tzinfo=UTC)
