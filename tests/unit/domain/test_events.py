"""Events: "identifiers and outcomes, never personal data", told apart by their tag."""

from __future__ import annotations

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
