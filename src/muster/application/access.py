"""Who may do what: permissions, and the one check that guards every use case."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from msgspec import Struct

from muster.domain.errors import DomainError
from muster.domain.scopes import EVERYTHING, Scope

__all__ = [
    "ANYBODY",
    "PUBLIC_PERMISSIONS",
    "SENSITIVE_PERMISSIONS",
    "Forbidden",
    "Permission",
    "Principal",
    "SignatureRequired",
    "Unauthenticated",
    "authorize",
]


class Permission(Enum):
    """What can be allowed; every use case declares exactly one."""

    BOOKINGS_CREATE = "bookings:create"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_EXPLAIN = "bookings:explain"
    BOOKINGS_CANCEL = "bookings:cancel"
    BOOKINGS_REASSIGN = "bookings:reassign"
    BOOKINGS_PROMOTE = "bookings:promote"
    SESSIONS_COMPLETE = "sessions:complete"
    SESSIONS_VOID = "sessions:void"
    SESSIONS_CANCEL = "sessions:cancel"
    SESSIONS_RESCHEDULE = "sessions:reschedule"
    SESSIONS_RESCHEDULE_ANY = "sessions:reschedule_any"
    SESSIONS_MAKE_UP = "sessions:make_up"
    ZONES_READ = "zones:read"
    ZONES_LOOK_UP = "zones:look_up"
    DEMAND_READ = "demand:read"
    ZONES_WRITE = "zones:write"
    FRANCHISES_READ = "franchises:read"
    FRANCHISES_WRITE = "franchises:write"
    SCHEDULES_READ = "schedules:read"
    SCHEDULES_BLOCK = "schedules:block"
    CALENDARS_READ = "calendars:read"
    CERTIFICATES_ISSUE = "certificates:issue"
    CERTIFICATES_READ = "certificates:read"
    CERTIFICATES_REVOKE = "certificates:revoke"
    CERTIFICATES_VERIFY = "certificates:verify"
    AUDIT_READ = "audit:read"
    KEYS_MANAGE = "keys:manage"
    ACCOUNTS_MANAGE = "accounts:manage"
    JOBS_READ = "jobs:read"
    JOBS_MANAGE = "jobs:manage"
    EVENTS_REPLAY = "events:replay"


PUBLIC_PERMISSIONS = frozenset({Permission.CERTIFICATES_VERIFY})
"""What everybody may do, known or not; every one of them only reads."""

SENSITIVE_PERMISSIONS = frozenset(
    {
        Permission.SESSIONS_VOID,
        Permission.CERTIFICATES_REVOKE,
        Permission.KEYS_MANAGE,
        Permission.ACCOUNTS_MANAGE,
    }
)
"""What a service may do only by a request that it signed."""


class Principal(Struct, frozen=True):
    """Who asks.

    Attributes:
        name: As the audit trail names them.
        permissions: What they may do.
        scope: On what.
        unsigned: Whether it is a service that did not sign its request.
    """

    name: str
    permissions: frozenset[Permission]
    scope: Scope = EVERYTHING
    unsigned: bool = False


ANYBODY = Principal("anybody", PUBLIC_PERMISSIONS)
"""Who asks where nobody is known and nobody need be."""


class Unauthenticated(DomainError):
    """Nobody is known to ask, and this needs somebody."""

    code: ClassVar[str] = "UNAUTHENTICATED"


class Forbidden(DomainError):
    """The one who asks may not do this."""

    code: ClassVar[str] = "FORBIDDEN"


class SignatureRequired(DomainError):
    """A service may do this, but did not sign its request."""

    code: ClassVar[str] = "SIGNATURE_REQUIRED"


def authorize(principal: Principal | None, permission: Permission) -> Principal:
    """Let pass only who holds the permission, and everybody where it is a public one.

    Raises:
        Unauthenticated: Nobody is known.
        Forbidden: They are known and do not hold it.
        SignatureRequired: They hold it, but it is sensitive and they had to sign.
    """
    if permission in PUBLIC_PERMISSIONS:
        return principal or ANYBODY
    if principal is None:
        raise Unauthenticated("This needs authentication.")
    if permission not in principal.permissions:
        raise Forbidden(f"This needs the permission {permission.value}.")
    if principal.unsigned and permission in SENSITIVE_PERMISSIONS:
        raise SignatureRequired("A service has to sign this request.")
    return principal
