"""UUIDv7 (RFC 9562, section 5.7): sorts by time, carries version and variant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.domain.identifiers import UUID7_RANDOM_BITS, uuid7
from tests.strategies import instants

BITS = st.integers(0, (1 << 74) - 1)


def test_the_vector_of_rfc_9562() -> None:
    """Appendix A.6: 22 February 2022, 14:22:22 at UTC-5."""
    instant = datetime(2022, 2, 22, 14, 22, 22, tzinfo=timezone(-timedelta(hours=5)))
    bits = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert uuid7(instant, bits) == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


@given(instants(), BITS)
def test_version_variant_time_and_bits_are_where_the_rfc_has_them(
    instant: datetime, bits: int
) -> None:
    made = uuid7(instant, bits)
    assert (made.version, made.variant) == (7, RFC_4122)
    text = f"{made.int:0128b}"
    milliseconds = int(text[:48], 2)
    assert datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds) == instant
    assert text[48:52] == "0111"
    assert text[64:66] == "10"
    assert int(text[52:64] + text[66:], 2) == bits
    assert len(text[52:64] + text[66:]) == UUID7_RANDOM_BITS


@given(instants(), BITS, BITS, st.integers(1, 10**9))
def test_a_later_one_sorts_after_whatever_the_bits(
    instant: datetime, bits: int, others: int, milliseconds: int
) -> None:
    later = instant + timedelta(milliseconds=milliseconds)
    assert uuid7(instant, bits) < uuid7(later, others)
    assert str(uuid7(instant, bits)) < str(uuid7(later, others))


@pytest.mark.parametrize("microseconds", [0, 1, 999])
def test_less_than_a_millisecond_is_cut_off(microseconds: int) -> None:
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    assert uuid7(instant + timedelta(microseconds=microseconds), 0) == uuid7(instant, 0)
