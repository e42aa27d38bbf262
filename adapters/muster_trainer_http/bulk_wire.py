"""The bulk contract's JSON: what a trainer and a page must look like, to the letter.

Unknown fields are let through, since the trainer service may grow. A field that may be
null may be missing too. Everything else is refused: a trainer as such, a page as a whole.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from muster.domain.geography import Point
from muster.domain.trainers import Leave, Trainer, WeeklyHours

__all__ = [
    "BulkPage",
    "PageEnd",
    "PageNotTheContract",
    "TrainerNotTheContract",
    "read_page",
    "read_trainer",
    "refuse_duplicates",
    "write_trainer",
]

_CanonicalUuid = Annotated[
    str, Meta(pattern=r"\A[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
]
# Postgres stores no NUL, and control characters would forge lines of a table or a log.
_Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
_Begin = Annotated[str, Meta(pattern=r"\A(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")]
_End = Annotated[str, Meta(pattern=r"\A(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z")]


class TrainerNotTheContract(ValueError):
    """A trainer does not validate; the message says where, and quotes no value."""


class PageNotTheContract(ValueError):
    """A response is no page of the contract; the message quotes no value."""


class _Location(Struct, frozen=True):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class _Hours(Struct, frozen=True):
    weekday: Annotated[int, Meta(ge=1, le=7)]
    begin: _Begin = msgspec.field(name="from")
    end: _End = msgspec.field(name="to")

    def __post_init__(self) -> None:
        if self.begin >= self.end:
            raise ValueError("`from` must be before `to`")


class _Leave(Struct, frozen=True):
    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("`from` must not be after `to`")


class _Trainer(Struct, frozen=True, kw_only=True, rename="camel"):
    id: _CanonicalUuid
    name: _Name
    active: bool
    franchise_id: _CanonicalUuid | None = None
    zone_ids: list[_CanonicalUuid]
    certified_courses: list[_CanonicalUuid]
    location: _Location | None = None
    weekly_hours: list[_Hours] | None = None
    leave: list[_Leave] | None = None
    updated_at: Annotated[datetime, Meta(tz=True)] | None = None


class PageEnd(Struct, frozen=True, rename="camel"):
    """Where the next page begins; ``None`` when there is none."""

    next_cursor: Annotated[str, Meta(min_length=1, max_length=4_096)] | None = None


class BulkPage(Struct, frozen=True):
    """One response of the bulk contract, its trainers still to be read.

    The contract's ``asOf`` is not read: ages are measured by Muster's own clock alone, so
    that two clocks that differ cannot make an answer seem younger or older than it is.

    Attributes:
        data: The trainers, each as the service wrote it.
        page: Whether more follows.
    """

    data: list[msgspec.Raw]
    page: PageEnd


_pages = msgspec.json.Decoder(BulkPage)
_trainers = msgspec.json.Decoder(_Trainer)


def read_page(body: bytes) -> BulkPage:
    """Read a response.

    Raises:
        PageNotTheContract: It is not JSON, or not of the contract's shape.
    """
    try:
        return _pages.decode(body)
    except (ValueError, RecursionError) as refused:
        raise PageNotTheContract(str(refused)) from None


def read_trainer(raw: bytes | msgspec.Raw) -> Trainer:
    """Read one trainer.

    Raises:
        TrainerNotTheContract: Something in it is not as the contract says.
    """
    try:
        refuse_duplicates(raw)
        return _to_domain(_trainers.decode(raw))
    except (ValueError, OverflowError, RecursionError) as refused:
        raise TrainerNotTheContract(str(refused)) from None


def refuse_duplicates(raw: bytes | msgspec.Raw) -> None:
    """Check that no object names a member twice. A query.

    Raises:
        ValueError: One does, or it is no JSON.
    """
    json.loads(bytes(raw), object_pairs_hook=_without_duplicates)


def write_trainer(trainer: Trainer) -> msgspec.Raw:
    """Return a trainer as the contract writes it, in JSON."""
    place = trainer.location
    wire = _Trainer(
        id=str(trainer.id),
        name=trainer.name,
        active=trainer.active,
        franchise_id=None if trainer.franchise_id is None else str(trainer.franchise_id),
        zone_ids=sorted(map(str, trainer.zone_ids)),
        certified_courses=sorted(map(str, trainer.certified_courses)),
        location=None if place is None else _Location(place.latitude, place.longitude),
        weekly_hours=[
            _Hours(stretch.weekday, _clock(stretch.from_minute), _clock(stretch.to_minute))
            for stretch in trainer.weekly_hours or ()
        ],
        leave=[_Leave(period.first_day, period.last_day) for period in trainer.leave],
        updated_at=trainer.updated_at,
    )
    return msgspec.Raw(msgspec.json.encode(wire))


def _to_domain(wire: _Trainer) -> Trainer:
    hours = tuple(
        _stretch(stretch.weekday, stretch.begin, stretch.end) for stretch in wire.weekly_hours or ()
    )
    place, changed = wire.location, wire.updated_at
    return Trainer(
        id=UUID(wire.id),
        name=wire.name,
        active=wire.active,
        franchise_id=None if wire.franchise_id is None else _shared_id(wire.franchise_id),
        zone_ids=frozenset(map(_shared_id, wire.zone_ids)),
        certified_courses=frozenset(map(_shared_id, wire.certified_courses)),
        location=None if place is None else Point(place.latitude, place.longitude),
        weekly_hours=hours or None,
        leave=tuple(Leave(period.first, period.last) for period in wire.leave or ()),
        updated_at=None if changed is None else changed.astimezone(UTC),
    )


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # msgspec would keep the last one in silence, and with it perhaps the wrong one.
        raise ValueError("Object has a member twice")
    return members


# Colleagues share zones, courses and hours: made once, they cost neither time nor memory.
_shared_id = lru_cache(4_096)(UUID)


@lru_cache(4_096)
def _stretch(weekday: int, begin: str, end: str) -> WeeklyHours:
    return WeeklyHours(weekday, _minute(begin), _minute(end))


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
