"""What the parts of the plugin share in one running app."""

from __future__ import annotations

from msgspec import Struct

from muster.plugin_api import AuditNotes, PortLookup
from muster.ports.clock import CLOCK, Clock
from muster.ports.entropy import ENTROPY, Entropy
from muster.ports.unit_of_work import UNIT_OF_WORK, UnitOfWorkFactory
from muster_auth.attempts import Attempts
from muster_auth.hashing import PasswordHashing
from muster_auth.lockout import Lockout
from muster_auth.sessions import Sessions
from muster_auth.settings import AuthSettings
from muster_auth.standing import Standings

__all__ = ["Workings", "workings_of"]


class Workings(Struct, frozen=True):
    """One of each, so that all parts go by the same.

    Attributes:
        units: Open units of work.
        clock: What time it is.
        entropy: Names things and makes tokens.
        settings: Of the plugin.
        notes: Of the audit trail.
        hashing: Hashes passwords, so many at a time.
        lockout: Counts failed attempts.
        attempts: Evaluate passwords and codes, by the lockout.
        sessions: Begins and ends sessions.
        standings: Remembers for a moment who somebody is.
    """

    units: UnitOfWorkFactory
    clock: Clock
    entropy: Entropy
    settings: AuthSettings
    notes: AuditNotes
    hashing: PasswordHashing
    lockout: Lockout
    attempts: Attempts
    sessions: Sessions
    standings: Standings


def workings_of(ports: PortLookup, settings: AuthSettings) -> Workings:
    """Return those of an app.

    Args:
        ports: Of the app.
        settings: Of the plugin.
    """
    units, clock, entropy = ports.get(UNIT_OF_WORK), ports.get(CLOCK), ports.get(ENTROPY)
    notes = AuditNotes(clock, entropy, "account")
    lockout = Lockout(units, clock, entropy, settings, notes)
    return Workings(
        units=units,
        clock=clock,
        entropy=entropy,
        settings=settings,
        notes=notes,
        hashing=PasswordHashing(settings),
        lockout=lockout,
        attempts=Attempts(units, lockout),
        sessions=Sessions(units, clock, entropy, settings, notes),
        standings=Standings(units, clock),
    )
