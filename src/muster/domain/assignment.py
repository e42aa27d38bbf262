"""Assignment: every candidate judged, the eligible ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct

from muster.domain.eligibility import Candidate, EligibilityRule, refusals_of
from muster.domain.placement import Placement
from muster.domain.ranking import RankingPolicy, parts_of
from muster.domain.receipts import CandidateVerdict
from muster.domain.slots import Availability
from muster.domain.trainers import Trainer

__all__ = ["Judgement", "judge"]

_FREE = Availability()


class Judgement(Struct, frozen=True):
    """The whole answer of the rules to a placement.

    Attributes:
        candidates: Every candidate's verdict: the eligible by rank, then the others by id.
        order: The eligible trainers, best first; they are claimed in this order.
        names: The eligible trainers' names.
        ignored_preference: A preferred trainer who was not among the candidates.
    """

    candidates: tuple[CandidateVerdict, ...]
    order: tuple[UUID, ...]
    names: dict[UUID, str]
    ignored_preference: UUID | None


def judge(
    placement: Placement,
    trainers: Iterable[Trainer],
    availability: Mapping[UUID, Availability],
    rules: tuple[EligibilityRule, ...],
    policy: RankingPolicy,
) -> Judgement:
    """Judge every candidate by every rule and rank the eligible.

    Args:
        placement: What is to be placed.
        trainers: The candidates, in any order; each once.
        availability: By trainer; one without an entry has no live slot.
        rules: The eligibility rules, in the order receipts show.
        policy: The ranking policy.
    """
    candidates = {
        trainer.id: Candidate(trainer, availability.get(trainer.id, _FREE))
        for trainer in sorted(trainers, key=lambda trainer: trainer.id.int)
    }
    refusals = {id_: refusals_of(placement, one, rules) for id_, one in candidates.items()}
    parts = {id_: parts_of(placement, one) for id_, one in candidates.items()}
    order = policy.order({id_: parts[id_] for id_ in candidates if not refusals[id_]})
    ranks = {id_: rank for rank, id_ in enumerate(order, start=1)}
    refused = [id_ for id_ in candidates if id_ not in ranks]
    preferred = placement.preferred_trainer_id
    return Judgement(
        candidates=tuple(
            CandidateVerdict(id_, id_ in ranks, refusals[id_], ranks.get(id_), parts[id_])
            for id_ in (*order, *refused)
        ),
        order=order,
        names={id_: candidates[id_].trainer.name for id_ in order},
        ignored_preference=preferred if preferred not in candidates else None,
    )
