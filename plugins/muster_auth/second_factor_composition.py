"""The parts of second factors, put together."""

from __future__ import annotations

from muster_auth.factor_changes import FactorChanges
from muster_auth.own_second_factor import OwnSecondFactor
from muster_auth.pending_logins import PendingLogins
from muster_auth.second_factors import SecondFactors
from muster_auth.second_step import SecondStep
from muster_auth.workings import Workings

__all__ = ["composed_second_factor"]


def composed_second_factor(
    workings: Workings, factors: SecondFactors
) -> tuple[SecondStep, OwnSecondFactor]:
    """Return what goes on with logins, and what people do with their own second factor.

    Args:
        workings: What they share with passwords and sessions.
        factors: Who has one.
    """
    changes = FactorChanges(factors, workings.sessions, workings.notes, workings.clock)
    at_login = SecondStep(
        workings.units,
        workings.attempts,
        factors,
        changes,
        PendingLogins(workings.clock, workings.entropy),
        workings.sessions,
        workings.standings,
        workings.settings.require_second_factor,
    )
    own = OwnSecondFactor(
        workings.units,
        workings.hashing,
        workings.attempts,
        factors,
        changes,
        workings.standings,
        workings.clock,
        workings.settings,
    )
    return at_login, own
