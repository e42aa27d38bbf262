"""Accounts as administrators see them, and what they send."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from muster.plugin_api import IdText, Role, Scope, Version
from muster_auth.accounts import Account, AccountState
from muster_auth.invitations import Invitee
from muster_auth.shapes import Identifier, OpaqueToken, Password

__all__ = [
    "AccountShape",
    "InvitationAcceptance",
    "NewInvitation",
    "Nothing",
    "PasswordResetConfirmation",
    "PasswordResetRequest",
    "RoleChange",
    "account_shape",
]


class _Bounds(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    role: Role
    franchise_id: IdText | None = None
    trainer_id: IdText | None = None
    client_id: IdText | None = None

    @property
    def scope(self) -> Scope:
        """The bounds that are named."""
        return Scope(*map(_id, (self.franchise_id, self.trainer_id, self.client_id)))


class NewInvitation(_Bounds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to invite, and as what.

    Attributes:
        identifier: Their address of mail, by which they will log in.
        display_name: As people are shown it.
    """

    identifier: Identifier
    display_name: Annotated[str, Meta(min_length=1, max_length=200)]

    @property
    def invitee(self) -> Invitee:
        """Whom to invite."""
        return Invitee(self.identifier, self.display_name, self.role, self.scope)


class RoleChange(_Bounds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account may do from now on, and the version that was read.

    Attributes:
        version: Of the account.
    """

    version: Version


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """A body that holds nothing; of a request, it may be left out."""


class InvitationAcceptance(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An invitation is accepted.

    Attributes:
        token: As it was mailed.
        password: What one wants to log in with.
    """

    token: OpaqueToken
    password: Password


class PasswordResetRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Somebody forgot their password.

    Attributes:
        identifier: By which they log in.
    """

    identifier: Identifier


class PasswordResetConfirmation(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A new password.

    Attributes:
        token: As it was mailed.
        new_password: What it is to be.
    """

    token: OpaqueToken
    new_password: Password


class AccountShape(Struct, frozen=True, rename="camel"):
    """An account.

    Attributes:
        id: By which it is known.
        identifier: By which its owner logs in.
        display_name: As people are shown it.
        role: What it may do.
        franchise_id: On whose ground, where it is bound to it.
        trainer_id: On whose time, where it is bound to it.
        client_id: On whose bookings, where it is bound to them.
        state: Whether its owner can log in.
        version: Of the account.
        created_at: UTC instant.
        updated_at: UTC instant of the last change.
    """

    id: UUID
    identifier: str
    display_name: str
    role: Role
    franchise_id: UUID | None
    trainer_id: UUID | None
    client_id: UUID | None
    state: AccountState
    version: int
    created_at: datetime
    updated_at: datetime


def account_shape(account: Account) -> AccountShape:
    """Show an account."""
    return AccountShape(
        id=account.id,
        identifier=account.identifier,
        display_name=account.display_name,
        role=account.role,
        franchise_id=account.scope.franchise_id,
        trainer_id=account.scope.trainer_id,
        client_id=account.scope.client_id,
        state=account.state,
        version=account.version,
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
