"""A receipt's candidates, as PostgreSQL keeps them: exact, small, of a known form."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from hypothesis import given

from muster.domain.ranking import DistanceBand, RankingParts
from muster.domain.receipts import CandidateVerdict
from muster_postgres.receipt_rows import packed_candidates, unpacked_candidates
from tests.properties.test_assignment import Case, cases, judged

BYTES_FOR_EACH = 48


@given(cases())
def test_what_is_unpacked_is_what_was_packed(case: Case) -> None:
    candidates = judged(case).candidates
    packed = packed_candidates(candidates)
    assert (packed is None) is (candidates == ())
    assert unpacked_candidates(packed) == candidates


def test_a_thousand_candidates_stay_small() -> None:
    """They were 207 kB as JSON with names."""
    candidates = tuple(
        CandidateVerdict(
            UUID(int=rank << 64 | 0xABC),
            True,
            (),
            rank,
            RankingParts(False, DistanceBand.WITHIN_3_KM, 1234.5678 + rank, 1120),
        )
        for rank in range(1, 1_001)
    )
    packed = packed_candidates(candidates)
    assert packed is not None
    assert len(packed) <= BYTES_FOR_EACH * len(candidates)
    assert unpacked_candidates(packed) == candidates


def test_another_form_is_refused() -> None:
    columns: list[object] = [[], [], [], {}, [], [], [], []]
    assert unpacked_candidates(msgspec.msgpack.encode([1, *columns])) == ()
    with pytest.raises(msgspec.ValidationError, match="2"):
        unpacked_candidates(msgspec.msgpack.encode([2, *columns]))
