"""Events: "identifiers and outcomes, never personal data", told apart by their tag."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.domain.bookings import BookingStatus
from muster.domain.certificates import CertificateStatus
from muster.domain.events import Event
from muster.domain.receipts import ReceiptKind

EVENTS: list[type[Event]] = list(get_args(Event))
HARMLESS = {UUID, int, BookingStatus, CertificateStatus, ReceiptKind, NoneType}

# As servers before this one stored them: lines are added, and none is ever changed.
STORED = Path(__file__).with_name("golden").joinpath("events.jsonl").read_text().splitlines()


@pytest.mark.parametrize("line", STORED)
def test_what_was_stored_once_can_be_told_for_ever(line: str) -> None:
    event: Event = msgspec.json.decode(line, type=Event)
    assert msgspec.to_builtins(event).items() >= msgspec.json.decode(line).items()


def test_of_each_kind_something_is_stored() -> None:
    """Whoever adds one adds a line, and one for each new value of what it says."""
    stored = [msgspec.json.decode(line) for line in STORED]
    assert {one["event"] for one in stored} == {kind.__name__ for kind in EVENTS}
    said = {(type_, one[field]) for one in stored for field, type_ in _spoken(one["event"])}
    spoken = {type_ for kind in EVENTS for _, type_ in _spoken(kind.__name__)}
    assert said == {(type_, member.value) for type_ in spoken for member in type_}


def _spoken(name: str) -> list[tuple[str, type[Enum]]]:
    """The fields of an event that say one of so many values."""
    kind = next(one for one in EVENTS if one.__name__ == name)
    hints = get_type_hints(kind)
    return [(field, hints[field]) for field in kind.__struct_fields__ if _is_enum(hints[field])]


def _is_enum(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_carries_no_personal_data(event: type[Event]) -> None:
    kinds = [get_type_hints(event)[field] for field in event.__struct_fields__]
    assert {one for kind in kinds for one in get_args(kind) or [kind]} <= HARMLESS


@given(st.one_of(*map(st.from_type, EVENTS)))
def test_an_event_is_told_by_its_tag(event: Event) -> None:
    stored = msgspec.json.encode(event)
    assert f'"event":"{type(event).__name__}"' in stored.decode()
    again: Event = msgspec.json.decode(stored, type=Event)
    assert again == event  # Structs of two types are never equal
