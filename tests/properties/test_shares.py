"""Shares against what must hold of them, and against every division of few sessions."""

from __future__ import annotations

from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from muster.domain.shares import shares_of

TRAINERS = [UUID(int=number) for number in range(1, 5)]
NUMBERS = st.integers(1, 6)

Able = dict[int, list[UUID]]
Rivals = dict[int, frozenset[int]]

ables = st.dictionaries(NUMBERS, st.lists(st.sampled_from(TRAINERS), unique=True), max_size=6)


@st.composite
def rivalries(draw: st.DrawFn) -> Rivals:
    pairs = draw(st.sets(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1])))
    both = pairs | {(other, one) for one, other in pairs}
    return {one: frozenset(b for a, b in both if a == one) for one, _ in both}


def can_take(able: Able, rivals: Rivals, trainer: UUID, numbers: tuple[int, ...]) -> bool:
    alone = all(trainer in able[number] for number in numbers)
    return alone and not any(other in rivals.get(one, ()) for one in numbers for other in numbers)


@given(ables, rivalries())
def test_every_session_that_somebody_can_take_is_in_one_share_that_somebody_can(
    able: Able, rivals: Rivals
) -> None:
    shares = shares_of(able, rivals)
    shared = sorted(number for share in shares for number in share)
    assert shared == sorted(number for number, trainers in able.items() if trainers)
    for share in shares:
        assert list(share) == sorted(share)
        assert any(can_take(able, rivals, one, share) for one in TRAINERS)


@given(ables, rivalries())
def test_one_who_can_take_all_takes_all(able: Able, rivals: Rivals) -> None:
    wanted = tuple(sorted(number for number, trainers in able.items() if trainers))
    if wanted and any(can_take(able, rivals, one, wanted) for one in TRAINERS):
        assert shares_of(able, rivals) == (wanted,)


@given(ables, rivalries())
@example(
    {1: TRAINERS[:1], 2: TRAINERS[:2], 3: [TRAINERS[0], TRAINERS[2]]},
    {1: frozenset({2, 3}), 2: frozenset({1}), 3: frozenset({1})},
)
def test_what_is_left_over_nobody_could_take_beside_what_they_have(
    able: Able, rivals: Rivals
) -> None:
    """One share after the other goes to the best who has nothing that collides."""
    held: dict[UUID, set[int]] = {trainer: set() for trainer in TRAINERS}
    left: set[int] = set()
    for share in shares_of(able, rivals):
        for trainer in able[share[0]]:
            if can_take(able, rivals, trainer, (*held[trainer], *share)):
                held[trainer].update(share)
                break
        else:
            left.update(share)
    for number in left:
        for trainer in able[number]:
            assert not can_take(able, rivals, trainer, (*held[trainer], number))


@given(ables)
def test_without_rivals_no_trainer_could_have_taken_more_first(able: Able) -> None:
    shares = shares_of(able, {})
    if shares:
        most = max(sum(one in trainers for trainers in able.values()) for one in TRAINERS)
        assert len(shares[0]) == most


@given(st.permutations(TRAINERS), st.lists(NUMBERS, min_size=1, unique=True))
def test_among_equals_the_best_for_the_first_session_takes_all(
    order: list[UUID], numbers: list[int]
) -> None:
    first = min(numbers)
    able = {number: order if number == first else sorted(order) for number in numbers}
    together = {number: frozenset(numbers) - {number} for number in numbers}
    assert shares_of(able, {}) == (tuple(sorted(numbers)),)
    assert shares_of(able, together) == tuple((number,) for number in sorted(numbers))
