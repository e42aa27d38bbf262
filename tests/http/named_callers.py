"""Callers whom a test names: the role and the scope stand in a header."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from muster.plugin_api import (
    API_VERSION,
    PERMISSIONS_OF_ROLES,
    Authenticator,
    Credentials,
    Manifest,
    PortLookup,
    Principal,
    Role,
    Scope,
    SettingsLookup,
    Unauthenticated,
    hookimpl,
)

__all__ = ["NamedCallers", "header_of", "unsigned_header_of"]

_HEADER = "x-named-caller"


def header_of(role: Role, **scope: str) -> tuple[str, str]:
    """What somebody of this role sends; the scope by the names of its bounds."""
    return _HEADER, json.dumps({"role": role.value, "scope": scope})


def unsigned_header_of(role: Role, **scope: str) -> tuple[str, str]:
    """What a service sends that does not sign; its key names the permissions of the role."""
    return _HEADER, json.dumps({"role": role.value, "scope": scope, "unsigned": True})


class NamedCallers:
    """Believes whoever says who they are."""

    MANIFEST = Manifest(name="named_callers", api_version=API_VERSION)

    @hookimpl
    def authenticators(self, settings: SettingsLookup) -> Sequence[Authenticator]:
        async def authenticate(credentials: Credentials, _: PortLookup) -> Principal | None:
            sent = credentials.header(_HEADER)
            if sent is None:
                return None
            try:
                named: dict[str, Any] = json.loads(sent)
                role = Role(named["role"])
                scope = Scope(**{bound: UUID(id_) for bound, id_ in named["scope"].items()})
            except ValueError:
                raise Unauthenticated("Nobody is called so.") from None
            held = PERMISSIONS_OF_ROLES[role]
            return Principal(f"test:{role.value}", held, scope, named.get("unsigned", False))

        return [Authenticator("named", authenticate)]
