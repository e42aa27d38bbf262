"""The tenth property: a replay from the receipt gives the same choice."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from muster.domain.ranking import DistanceBand, RankingPolicy
from muster.domain.receipts import CandidateVerdict, Receipt, replay
from muster.testing.machines.states import State

__all__ = ["choices_replay"]


def choices_replay(state: State, policies: Sequence[RankingPolicy]) -> None:
    """Check property 10: every receipt with candidates gives its choice again."""
    by_name = {policy.name: policy for policy in policies}
    for receipts in state.receipts.values():
        for receipt in receipts:
            if receipt.policy is None:
                continue
            again = replay(receipt, by_name[receipt.policy.name])
            assert again == receipt.chosen, f"property 10: {again} instead of {receipt}"
            best = _best(receipt)
            assert best == receipt.chosen, f"property 10: the law says {best}, not {receipt}"


def _best(receipt: Receipt) -> UUID | None:
    """Return whom the law's own words choose among the candidates of a receipt."""
    assert receipt.policy is not None, "somebody was ranked"
    bands = list(DistanceBand)

    def far(one: CandidateVerdict) -> float:
        metres = one.parts.distance_metres
        return float("inf") if metres is None else metres

    def balanced(one: CandidateVerdict) -> tuple[int, int, int, float, int]:
        band, booked = bands.index(one.parts.distance_band), one.parts.booked_minutes
        return (0 if one.parts.preferred else 1, band, booked, far(one), one.trainer_id.int)

    def nearest(one: CandidateVerdict) -> tuple[float, int]:
        return far(one), one.trainer_id.int

    able = [
        one
        for one in receipt.candidates
        if not one.refusals and one.trainer_id not in receipt.lost_claims
    ]
    order = {"balanced": balanced, "nearest": nearest}[receipt.policy.name]
    return min(able, key=order).trainer_id if able else None
