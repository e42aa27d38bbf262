"""Accounts as the audit trail keeps them: without a name and without an address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from muster.plugin_api import Role, Scope
from muster_auth.accounts import Account

__all__ = ["actor_of", "audited_bounds", "audited_role"]


def actor_of(account_id: UUID) -> str:
    """Return how the audit trail names who is logged in to an account."""
    return f"account:{account_id}"


def audited_bounds(account: Account) -> dict[str, Any]:
    """Return what an account may do, as the audit trail keeps it."""
    return {**audited_role(account.role, account.scope), "version": account.version}


def audited_role(role: Role, scope: Scope) -> dict[str, Any]:
    """Return a role and its bounds, as the audit trail keeps them."""
    bounds = {
        "franchiseId": scope.franchise_id,
        "trainerId": scope.trainer_id,
        "clientId": scope.client_id,
    }
    told = {name: str(bound) for name, bound in bounds.items() if bound is not None}
    return {"role": role.value, **told}
