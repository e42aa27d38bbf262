"""Ranking and judging: the same whatever the order of the candidates, and replayable."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cmp_to_key
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from muster.domain.assignment import Judgement, judge
from muster.domain.bookings import BookingStatus
from muster.domain.eligibility import ELIGIBILITY_RULES, candidate_of, refusals_of
from muster.domain.geography import Point
from muster.domain.placement import Placement
from muster.domain.ranking import (
    BALANCED,
    NEAREST,
    RANKING_POLICIES,
    RANKING_WINDOW_DAYS,
    DistanceBand,
    RankingParts,
    RankingPolicy,
    parts_of,
)
from muster.domain.receipts import (
    CandidateVerdict,
    DirectorySource,
    NamedVersion,
    Receipt,
    ReceiptKind,
    ReceiptZone,
    Sighting,
    replay,
)
from muster.domain.slots import Availability
from muster.domain.trainers import Trainer
from muster.domain.zone_choice import ZoneRule
from tests.strategies import availabilities, placements, points_near, trainers, uuids

MADE = datetime(2026, 6, 1, tzinfo=UTC)


def crowds(placement: Placement) -> st.SearchStrategy[list[Trainer]]:
    """Candidates: some as they come, some sure to be eligible but for their place and time."""

    def welcome(trainer: Trainer) -> Trainer:
        return replace(
            trainer,
            active=True,
            franchise_id=placement.zone.franchise_id,
            zone_ids=frozenset([placement.zone.id]),
            certified_courses=frozenset([placement.course_id]),
            weekly_hours=None,
            leave=(),
        )

    near = st.none() | points_near(placement.student_location)
    eligible = st.builds(
        lambda trainer, place: replace(welcome(trainer), location=place), trainers(placement), near
    )
    return st.lists(
        eligible | trainers(placement), max_size=7, unique_by=lambda trainer: trainer.id
    )


Case = tuple[Placement, list[Trainer], dict[UUID, Availability]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    placement = draw(placements())
    crowd = draw(crowds(placement))
    if draw(st.booleans()) and crowd:
        wanted = draw(st.sampled_from(crowd)).id
        placement = replace(placement, preferred_trainer_id=wanted)
    held = {
        trainer.id: draw(st.just(Availability()) | availabilities())
        for trainer in crowd
        if draw(st.booleans())
    }
    return placement, crowd, held


def judged(case: Case, policy: RankingPolicy = BALANCED) -> Judgement:
    placement, crowd, held = case
    return judge(placement, crowd, held, ELIGIBILITY_RULES, policy)


def receipt_of(judgement: Judgement, lost: tuple[UUID, ...], policy: RankingPolicy) -> Receipt:
    left = [trainer for trainer in judgement.order if trainer not in lost]
    return Receipt(
        id=UUID(int=1),
        booking_id=UUID(int=2),
        kind=ReceiptKind.PLACE,
        version=1,
        outcome=BookingStatus.ASSIGNED if left else BookingStatus.WAITLISTED,
        created_at=MADE,
        policy=NamedVersion(policy.name, policy.version),
        rules=tuple(NamedVersion(rule.name, rule.version) for rule in ELIGIBILITY_RULES),
        directory=Sighting(DirectorySource.LIVE, MADE, 0.25),
        zone=ReceiptZone(UUID(int=3), ZoneRule.ONLY_ONE, 12.5),
        candidates=judgement.candidates,
        chosen=left[0] if left else None,
        lost_claims=lost,
        ignored_preference=judgement.ignored_preference,
    )


Ranked = tuple[UUID, RankingParts]
Comparison = Callable[[Ranked, Ranked], int]

# The order, told as a comparison of two trainers, one sentence of the law after the other.


def compare_balanced(one: Ranked, other: Ranked) -> int:
    (id_a, a), (id_b, b) = one, other
    if a.preferred != b.preferred:
        return -1 if a.preferred else 1
    band_a, band_b = (band(parts.distance_metres) for parts in (a, b))
    if band_a != band_b:
        return band_a - band_b
    if a.booked_minutes != b.booked_minutes:
        return a.booked_minutes - b.booked_minutes
    return compare_nearest((id_a, a), (id_b, b))


def compare_nearest(one: Ranked, other: Ranked) -> int:
    (id_a, a), (id_b, b) = one, other
    if a.distance_metres != b.distance_metres:
        if a.distance_metres is None:
            return 1
        if b.distance_metres is None:
            return -1
        return -1 if a.distance_metres < b.distance_metres else 1
    return -1 if str(id_a) < str(id_b) else 1


def band(metres: float | None) -> int:
    if metres is None:
        return 4
    return 1 if metres <= 3000 else 2 if metres <= 5000 else 3


PARTS = st.builds(
    lambda preferred, metres, minutes: RankingParts(
        preferred, list(DistanceBand)[band(metres) - 1], metres, minutes
    ),
    st.booleans(),
    st.sampled_from([None, 0.0, 2999.9, 3000.0, 3000.1, 5000.0, 5000.1, 9e6]) | st.floats(0, 6e3),
    st.sampled_from([0, 40, 80]),
)
FIELDS = st.dictionaries(uuids(), PARTS, max_size=8)


def ordered(policy: RankingPolicy, field: dict[UUID, RankingParts]) -> tuple[UUID, ...]:
    return tuple(sorted(field, key=lambda trainer: policy.place(trainer, field[trainer])))


@pytest.mark.parametrize(
    ("policy", "compare"), [(BALANCED, compare_balanced), (NEAREST, compare_nearest)],
    ids=["balanced", "nearest"],
)  # fmt: skip
@given(field=FIELDS)
def test_a_policy_orders_as_the_law_compares(
    policy: RankingPolicy, compare: Comparison, field: dict[UUID, RankingParts]
) -> None:
    """`balanced`: preferred, band, fewest booked, nearest, lowest id; `nearest`: the last two."""
    key = cmp_to_key(compare)
    assert ordered(policy, field) == tuple(id_ for id_, _ in sorted(field.items(), key=key))


@given(FIELDS.flatmap(lambda field: st.tuples(st.just(field), st.permutations(list(field)))),
       st.sampled_from(RANKING_POLICIES))  # fmt: skip
def test_a_policy_does_not_see_the_order_of_arrival(
    arrivals: tuple[dict[UUID, RankingParts], list[UUID]], policy: RankingPolicy
) -> None:
    """ "the same input always gives the same order, whatever the order of the candidates"."""
    field, shuffled = arrivals
    assert ordered(policy, {id_: field[id_] for id_ in shuffled}) == ordered(policy, field)


def test_the_policies_are_those_of_the_law() -> None:
    assert [policy.name for policy in RANKING_POLICIES] == ["balanced", "nearest"]
    assert RANKING_WINDOW_DAYS == 28


@pytest.mark.parametrize(
    ("metres", "expected"),
    [
        (0.0, DistanceBand.WITHIN_3_KM),
        (2_999.0, DistanceBand.WITHIN_3_KM),
        (3_001.0, DistanceBand.WITHIN_5_KM),
        (4_999.0, DistanceBand.WITHIN_5_KM),
        (5_001.0, DistanceBand.FURTHER),
        (20_000_000.0, DistanceBand.FURTHER),
    ],
)
@given(placement=placements(), trainer=trainers())
@settings(max_examples=5)
def test_distance_bands(
    metres: float, expected: DistanceBand, placement: Placement, trainer: Trainer
) -> None:
    """ "distance band (≤ 3 km, ≤ 5 km, further, unknown)", along the equator."""
    at_the_equator = replace(placement, student_location=Point(0.0, 0.0))
    there = replace(trainer, location=Point(0.0, math.degrees(metres / 6_371_009)))
    parts = parts_of(at_the_equator, candidate_of(at_the_equator, there, Availability()))
    assert parts.distance_band is expected
    assert parts.distance_metres == pytest.approx(metres, abs=0.01)


@given(cases(), st.sampled_from(RANKING_POLICIES))
def test_the_judgement_is_complete_and_in_order(case: Case, policy: RankingPolicy) -> None:
    """ "every candidate, every rule's verdict, the ranking parts": eligible by rank, then by id."""
    placement, crowd, held = case
    judgement = judged(case, policy)
    verdicts = judgement.candidates
    assert {one.trainer_id for one in verdicts} == {trainer.id for trainer in crowd}
    assert len(verdicts) == len(crowd)
    by_id = {trainer.id: trainer for trainer in crowd}
    for one in verdicts:
        candidate = candidate_of(
            placement, by_id[one.trainer_id], held.get(one.trainer_id, Availability())
        )
        assert one.refusals == refusals_of(placement, candidate, ELIGIBILITY_RULES)
        assert one.eligible is (one.refusals == ())
        assert one.parts == parts_of(placement, candidate)
    count = len(judgement.order)
    assert [one.trainer_id for one in verdicts[:count]] == list(judgement.order)
    assert [one.rank for one in verdicts] == [*range(1, count + 1)] + [None] * (
        len(verdicts) - count
    )
    assert [one.eligible for one in verdicts] == [one.rank is not None for one in verdicts]
    refused = [str(one.trainer_id) for one in verdicts[count:]]
    assert refused == sorted(refused)
    assert judgement.names == {id_: by_id[id_].name for id_ in judgement.order}
    assert judgement.order == ordered(
        policy, {one.trainer_id: one.parts for one in verdicts[:count]}
    )


@given(cases().flatmap(lambda case: st.tuples(st.just(case), st.permutations(case[1]))),
       st.sampled_from(RANKING_POLICIES))  # fmt: skip
def test_the_judgement_does_not_see_the_order_of_arrival(
    arrivals: tuple[Case, list[Trainer]], policy: RankingPolicy
) -> None:
    """ "The outcome does not depend on the order in which candidates arrive"."""
    (placement, crowd, held), shuffled = arrivals
    reversed_held = dict(reversed(held.items()))
    assert judged((placement, shuffled, reversed_held), policy) == judged(
        (placement, crowd, held), policy
    )


@given(cases())
def test_a_preferred_trainer_comes_first_when_eligible(case: Case) -> None:
    """ "the preferred trainer if named and eligible"."""
    placement, _, _ = case
    judgement = judged(case)
    if placement.preferred_trainer_id in judgement.order:
        assert judgement.order[0] == placement.preferred_trainer_id
    for verdict in judgement.candidates:
        assert verdict.parts.preferred is (verdict.trainer_id == placement.preferred_trainer_id)


@given(cases(), st.data())
def test_a_preferred_trainer_who_is_no_candidate_is_ignored_and_told(
    case: Case, data: st.DataObject
) -> None:
    """ "is ignored, and the receipt says so"; a candidate who is refused is not "ignored"."""
    placement, crowd, held = case
    candidates = [st.just(trainer.id) for trainer in crowd]
    preferred: UUID | None = data.draw(st.one_of(st.none(), uuids(), *candidates))
    wish = replace(placement, preferred_trainer_id=preferred)
    judgement = judged((wish, crowd, held))
    unknown = preferred not in [trainer.id for trainer in crowd]
    assert judgement.ignored_preference == (preferred if unknown else None)
    if unknown:
        assert (
            judgement.order == judged((replace(wish, preferred_trainer_id=None), crowd, held)).order
        )


@given(cases(), st.sampled_from(RANKING_POLICIES))
def test_a_trainer_with_no_known_location_ranks_last(case: Case, policy: RankingPolicy) -> None:
    """ "passes `TOO_FAR` and ranks last": only a preference goes before that."""
    placement, crowd, held = case
    nobody = replace(placement, preferred_trainer_id=None)
    judgement = judged((nobody, crowd, held), policy)
    places = {trainer.id: trainer.location for trainer in crowd}
    unknown = [places[trainer] is None for trainer in judgement.order]
    assert unknown == sorted(unknown)


@given(cases(), st.sampled_from(RANKING_POLICIES), st.data())
def test_a_replay_from_the_receipt_gives_the_same_choice(
    case: Case, policy: RankingPolicy, data: st.DataObject
) -> None:
    """Property 10, with claims lost on the way, and after a journey through JSON."""
    judgement = judged(case, policy)
    lost = judgement.order[: data.draw(st.integers(0, len(judgement.order)))]
    receipt = receipt_of(judgement, lost, policy)
    assert replay(receipt, policy) == receipt.chosen
    stored = msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt)
    assert stored == receipt
    assert replay(stored, policy) == receipt.chosen
    shuffled = tuple(data.draw(st.permutations(stored.candidates)))
    assert replay(replace(stored, candidates=shuffled), policy) == receipt.chosen


def test_a_replay_looks_at_the_parts_and_not_at_the_choice() -> None:
    """A receipt that was tampered with is found out."""

    def verdict(number: int, metres: float, eligible: bool = True) -> CandidateVerdict:
        parts = RankingParts(False, DistanceBand.WITHIN_3_KM, metres, 0)
        return CandidateVerdict(UUID(int=number), eligible, (), number if eligible else None, parts)

    candidates = (verdict(1, 30.0), verdict(2, 20.0), verdict(3, 10.0, eligible=False))
    judgement = Judgement(candidates, (UUID(int=1), UUID(int=2)), {}, None)
    forged = receipt_of(judgement, (), NEAREST)
    assert forged.chosen == UUID(int=1)
    assert replay(forged, NEAREST) == UUID(int=2)
    assert replay(replace(forged, lost_claims=(UUID(int=2),)), NEAREST) == UUID(int=1)
    assert replay(replace(forged, lost_claims=(UUID(int=2), UUID(int=1))), NEAREST) is None
