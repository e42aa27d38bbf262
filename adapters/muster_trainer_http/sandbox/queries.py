"""What may be asked of the sample service: the bulk contract's parameters, read strictly."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from multidict import MultiMapping

__all__ = ["MAX_LIMIT", "BulkQuery", "QueryRefused", "cursor_after", "read_query"]

MAX_LIMIT = 500
"""The most trainers on one page, and the most ids in one question."""

T = TypeVar("T")


class QueryRefused(ValueError):
    """A parameter is unknown, repeated, or has a value that the contract does not know."""


class BulkQuery(Struct, frozen=True, kw_only=True):
    """A question of the bulk contract; ``None`` filters nothing.

    Attributes:
        any_franchise: Whether ``franchise_id`` filters nothing.
        franchise_id: This franchise's trainers; ``None`` the company's.
        zone_id: Who teach in this zone.
        course_id: Who are certified for this course.
        active: Who work, or who do not.
        ids: These trainers.
        limit: At most this many on a page.
        after: Those whose ids come after this one.
    """

    any_franchise: bool
    franchise_id: UUID | None
    zone_id: UUID | None
    course_id: UUID | None
    active: bool | None
    ids: frozenset[UUID] | None
    limit: int
    after: UUID | None


def read_query(parameters: MultiMapping[str]) -> BulkQuery:
    """Read the parameters of a question.

    Raises:
        QueryRefused: The message names the parameter.
    """
    repeated = len(parameters) != len(set(parameters))
    unknown = set(parameters) - {
        "franchiseId", "zoneId", "courseId", "active", "ids", "limit", "cursor"
    }  # fmt: skip
    if repeated or unknown:
        raise QueryRefused("a parameter stands there twice, or is not known")
    franchise = _read(parameters, "franchiseId", _franchise)
    return BulkQuery(
        any_franchise=franchise is None,
        franchise_id=franchise[0] if franchise else None,
        zone_id=_read(parameters, "zoneId", _uuid),
        course_id=_read(parameters, "courseId", _uuid),
        active=_read(parameters, "active", {"true": True, "false": False}.__getitem__),
        ids=_read(parameters, "ids", _ids),
        limit=_read(parameters, "limit", _limit) or MAX_LIMIT,
        after=_read(parameters, "cursor", _after),
    )


def cursor_after(trainer_id: UUID) -> str:
    """Return the cursor of the page that follows a trainer."""
    return urlsafe_b64encode(trainer_id.bytes).decode()


def _read(parameters: Mapping[str, str], name: str, read: Callable[[str], T]) -> T | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        return read(text)
    except (ValueError, KeyError):
        raise QueryRefused(f"{name} has a value that cannot be read") from None


def _uuid(text: str) -> UUID:
    value = UUID(text)
    if str(value) != text.lower():
        raise ValueError("not in canonical form")
    return value


def _franchise(text: str) -> tuple[UUID | None]:
    return (None if text == "none" else _uuid(text),)


def _ids(text: str) -> frozenset[UUID]:
    ids = text.split(",")
    if len(ids) > MAX_LIMIT:
        raise ValueError("too many")
    return frozenset(map(_uuid, ids))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT):
        raise ValueError("out of range")
    return int(text)


def _after(text: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(text.encode("ascii")))
