"""What the parts of the plugin share in one running app."""

from __future__ import annotations

from msgspec import Struct

from muster.plugin_api import AuditNotes
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_auth.attempts import Attempts
from muster_auth.hashing import PasswordHashing
from muster_auth.lockout import Lockout
from muster_auth.sessions import Sessions
from muster_auth.settings import AuthSettings
from muster_auth.standing import Standings

__all__ = ["Workings"]


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
