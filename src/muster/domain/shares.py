"""Shares: sessions divided among as few trainers as will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

__all__ = ["shares_of"]

_NONE: Set[int] = frozenset()


def shares_of(
    able: Mapping[int, Sequence[UUID]], rivals: Mapping[int, Set[int]]
) -> tuple[tuple[int, ...], ...]:
    """Divide sessions among trainers, each share as large as one trainer can take.

    Again and again the trainer who can take most of what is left takes all of that; among
    equals the one who ranks best for the first session that is left, then the lowest id. Of
    rivals a trainer takes the one with the lower number, and is asked for another one only
    where nobody else could take it.

    Args:
        able: By a session's number, who could take it, best first.
        rivals: By a session's number, those that its trainer cannot take beside it; a session
            that has none may be left out.

    Returns:
        The numbers of each share, ascending; a session that nobody can take is in none.
    """
    left = {number: list(trainers) for number, trainers in able.items() if trainers}
    shares: list[tuple[int, ...]] = []
    while left:
        taken: dict[UUID, list[int]] = {}
        for number in sorted(left):
            for trainer_id in left[number]:
                share = taken.setdefault(trainer_id, [])
                if rivals.get(number, _NONE).isdisjoint(share):
                    share.append(number)
        best = min(
            taken,
            key=lambda one: (
                -len(taken[one]),
                taken[one][0],
                left[taken[one][0]].index(one),
                one.int,
            ),
        )
        shares.append(tuple(taken[best]))
        for number in taken[best]:
            del left[number]
        for trainers in left.values():
            if best in trainers and len(trainers) > 1:
                # Whatever is left of theirs is a rival of what they have taken.
                trainers.remove(best)
    return tuple(shares)
