"""The parts of second factors, put together."""

from __future__ import annotations

from msgspec import Struct

from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_auth.attempts import Attempts
from muster_auth.audit_notes import AuditNotes
from muster_auth.factor_changes import FactorChanges
from muster_auth.hashing import PasswordHashing
from muster_auth.own_second_factor import OwnSecondFactor
from muster_auth.pending_logins import PendingLogins
from muster_auth.sealed_secrets import SealedSecrets
from muster_auth.second_factors import SecondFactors
from muster_auth.second_step import SecondStep
from muster_auth.sessions import Sessions
from muster_auth.settings import AuthSettings
from muster_auth.standing import Standings

__all__ = ["FactorParts", "composed_second_factor"]


class FactorParts(Struct, frozen=True):
    """What second factors work with, and passwords and sessions, too.

    Attributes:
        units: Open units of work.
        clock: Which step it is.
        entropy: Makes secrets.
        seal: Seals them.
        hashing: Of passwords.
        attempts: Evaluate passwords and codes.
        sessions: Begin and end.
        standings: Are told which ended.
        settings: Of the plugin.
    """

    units: UnitOfWorkFactory
    clock: Clock
    entropy: Entropy
    seal: SealedSecrets
    hashing: PasswordHashing
    attempts: Attempts
    sessions: Sessions
    standings: Standings
    settings: AuthSettings


def composed_second_factor(parts: FactorParts) -> tuple[SecondStep, OwnSecondFactor]:
    """Return what goes on with logins, and what people do with their own second factor."""
    factors = SecondFactors(parts.clock, parts.entropy, parts.seal, parts.settings.issuer)
    notes = AuditNotes(parts.clock, parts.entropy)
    changes = FactorChanges(factors, parts.sessions, notes, parts.clock)
    at_login = SecondStep(
        parts.units,
        parts.attempts,
        factors,
        changes,
        PendingLogins(parts.clock, parts.entropy),
        parts.sessions,
        parts.standings,
        parts.settings.require_second_factor,
    )
    own = OwnSecondFactor(
        parts.units,
        parts.hashing,
        parts.attempts,
        factors,
        changes,
        parts.standings,
        parts.clock,
        parts.settings,
    )
    return at_login, own
