"""Roles: which permissions somebody of each kind holds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from muster.application.access import Permission

__all__ = ["PERMISSIONS_OF_ROLES", "Role"]


class Role(Enum):
    """What somebody is to the company; bounds what they hold, their scope bounds on what."""

    COMPANY_ADMIN = "company_admin"
    FRANCHISE_MANAGER = "franchise_manager"
    TRAINER = "trainer"
    CLIENT = "client"


_MANAGER = frozenset(
    {
        Permission.BOOKINGS_CREATE,
        Permission.BOOKINGS_READ,
        Permission.BOOKINGS_EXPLAIN,
        Permission.BOOKINGS_CANCEL,
        Permission.BOOKINGS_REASSIGN,
        Permission.BOOKINGS_PROMOTE,
        Permission.SESSIONS_COMPLETE,
        Permission.SESSIONS_VOID,
        Permission.SESSIONS_CANCEL,
        Permission.SESSIONS_RESCHEDULE,
        Permission.SESSIONS_RESCHEDULE_ANY,
        Permission.SESSIONS_MAKE_UP,
        Permission.ZONES_READ,
        Permission.ZONES_WRITE,
        Permission.ZONES_LOOK_UP,
        Permission.DEMAND_READ,
        Permission.FRANCHISES_READ,
        Permission.SCHEDULES_READ,
        Permission.CERTIFICATES_ISSUE,
        Permission.CERTIFICATES_READ,
        Permission.CERTIFICATES_VERIFY,
    }
)

_TRAINER = frozenset(
    {
        Permission.BOOKINGS_READ,
        Permission.SESSIONS_COMPLETE,
        Permission.SCHEDULES_READ,
        Permission.SCHEDULES_BLOCK,
        Permission.CALENDARS_READ,
        Permission.CERTIFICATES_VERIFY,
    }
)

_CLIENT = frozenset(
    {
        Permission.BOOKINGS_CREATE,
        Permission.BOOKINGS_READ,
        Permission.BOOKINGS_CANCEL,
        Permission.SESSIONS_RESCHEDULE,
        Permission.ZONES_LOOK_UP,
        Permission.CALENDARS_READ,
        Permission.CERTIFICATES_READ,
        Permission.CERTIFICATES_VERIFY,
    }
)

PERMISSIONS_OF_ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.COMPANY_ADMIN: frozenset(Permission),
        Role.FRANCHISE_MANAGER: _MANAGER,
        Role.TRAINER: _TRAINER,
        Role.CLIENT: _CLIENT,
    }
)
"""A service holds the permissions that its key names, and so has no role."""
