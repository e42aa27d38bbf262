"""The rule that nobody teaches more than some sessions a day."""

from __future__ import annotations

from collections import Counter

from muster.plugin_api import Candidate, EligibilityRule, Placement, Refusal

__all__ = ["daily_limit"]

_NAME = "EXAMPLE_DAILY_LIMIT"


def daily_limit(most: int) -> EligibilityRule:
    """Return the rule.

    Args:
        most: Sessions that a trainer teaches on one local day, those being placed included.
    """

    def check(placement: Placement, candidate: Candidate) -> Refusal | None:
        planned = Counter(session.local_date for session in placement.sessions)
        booked_on = candidate.availability.booked_on
        full = sorted(day for day, more in planned.items() if booked_on(day) + more > most)
        if not full:
            return None
        return Refusal(
            _NAME,
            f"The trainer would teach more than {most} sessions a day.",
            {"limit": most, "days": [day.isoformat() for day in full]},
        )

    return EligibilityRule(_NAME, 1, check, needs_booked_days=True)
