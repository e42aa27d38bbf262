"""Accounts, as they are stored."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from msgspec import Struct

from muster.plugin_api import Role, Scope
from muster.ports.clock import Clock
from muster.ports.entropy import Entropy
from muster.ports.unit_of_work import Connection
from muster_auth.errors import AccountRefused, IdentifierTaken
from muster_auth.identifiers import LONGEST_IDENTIFIER, canonical

__all__ = [
    "ACCOUNT_COLUMNS",
    "Account",
    "AccountState",
    "accepted_name",
    "account_by_id",
    "account_by_identifier",
    "account_of",
    "add_account",
    "change_hash",
    "keep_hash",
    "mark_changed",
    "new_id",
    "role_in_scope",
    "scope_of",
    "still_logs_in",
]

ACCOUNT_COLUMNS = """
    id, identifier, display_name, role, franchise_id, trainer_id, client_id, password_hash,
    disabled, version, created_at, updated_at
"""
"""What ``account_of`` reads."""

_LONGEST_NAME = 200


class AccountState(Enum):
    """Whether somebody can log in."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class Account(Struct, frozen=True):
    """Somebody who can log in, or was invited to.

    Attributes:
        id: Names them in tokens and in the audit trail.
        identifier: By which they log in, canonical.
        display_name: As people are shown it.
        role: Bounds what they may do.
        scope: Bounds on what.
        password_hash: argon2id, with salt and parameters; ``None`` while they are invited.
        disabled: Whether they are let in no more.
        version: Grows with each change, but not when the same password is hashed anew.
        created_at: UTC instant.
        updated_at: UTC instant of the last change.
    """

    id: UUID
    identifier: str
    display_name: str
    role: Role
    scope: Scope
    password_hash: str | None
    disabled: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def state(self) -> AccountState:
        """Whether they can log in."""
        if self.disabled:
            return AccountState.DISABLED
        return AccountState.INVITED if self.password_hash is None else AccountState.ACTIVE


def new_id(entropy: Entropy) -> UUID:
    """Return a random id, which tells nothing of when or what."""
    return UUID(int=entropy.bits(128), version=4)


def role_in_scope(role: Role, scope: Scope) -> None:
    """See that a role has exactly the bounds that are its own.

    Raises:
        AccountRefused: One is missing, or there is another.
    """
    needed = {
        Role.COMPANY_ADMIN: set(),
        Role.FRANCHISE_MANAGER: {"franchise"},
        Role.TRAINER: {"trainer"},
        Role.CLIENT: {"client"},
    }[role]
    given = {
        name
        for name, bound in (
            ("franchise", scope.franchise_id),
            ("trainer", scope.trainer_id),
            ("client", scope.client_id),
        )
        if bound is not None
    }
    if given != needed:
        wanted = f"the id of a {needed.pop()} and no other" if needed else "no bounds"
        raise AccountRefused(f"The role {role.value} needs {wanted}.")


def accepted_name(display_name: str) -> str:
    """Return a name as it is stored.

    Raises:
        AccountRefused: It is empty or too long.
    """
    if not display_name.strip() or len(display_name) > _LONGEST_NAME or "\0" in display_name:
        raise AccountRefused(f"A name has 1 to {_LONGEST_NAME} characters.")
    return display_name.strip()


def scope_of(row: Any) -> Scope:
    """Return the bounds that a row names."""
    return Scope(row["franchise_id"], row["trainer_id"], row["client_id"])


async def account_by_identifier(connection: Connection, identifier: str) -> Account | None:
    """Return the account of a canonical identifier."""
    if "\0" in identifier:
        return None  # which the database could not even be asked about
    row = await connection.fetchrow(
        f"SELECT {ACCOUNT_COLUMNS} FROM auth_accounts WHERE identifier = $1",  # noqa: S608 - constants
        identifier,
    )
    return row and account_of(row)


async def account_by_id(connection: Connection, account_id: UUID) -> Account | None:
    """Return an account."""
    row = await connection.fetchrow(
        f"SELECT {ACCOUNT_COLUMNS} FROM auth_accounts WHERE id = $1",  # noqa: S608 - constants
        account_id,
    )
    return row and account_of(row)


async def still_logs_in(connection: Connection, account: Account) -> bool:
    """Return whether an account is as it was read, and keep it so until the unit ends.

    What changes a password or disables an account waits, and then ends the session that this
    unit begins.
    """
    row = await connection.fetchrow(
        "SELECT 1 FROM auth_accounts WHERE id = $1 AND version = $2 AND NOT disabled FOR SHARE",
        account.id,
        account.version,
    )
    return row is not None


async def add_account(
    connection: Connection,
    clock: Clock,
    entropy: Entropy,
    *,
    identifier: str,
    display_name: str,
    role: Role,
    scope: Scope,
    password_hash: str | None,
) -> UUID:
    """Store a new account; return its id.

    Without a hash its owner is only invited.

    Raises:
        IdentifierTaken: Another account has the identifier.
        AccountRefused: The identifier or the name is empty or too long.
    """
    identifier = canonical(identifier)
    if not identifier or len(identifier) > LONGEST_IDENTIFIER or "\0" in identifier:
        raise AccountRefused(f"An identifier has 1 to {LONGEST_IDENTIFIER} characters.")
    name = accepted_name(display_name)
    account_id = new_id(entropy)
    row = await connection.fetchrow(
        """
        INSERT INTO auth_accounts (id, identifier, display_name, role, franchise_id, trainer_id,
            client_id, password_hash, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)
        ON CONFLICT ON CONSTRAINT auth_accounts_identifier_key DO NOTHING
        RETURNING id
        """,
        account_id,
        identifier,
        name,
        role.value,
        scope.franchise_id,
        scope.trainer_id,
        scope.client_id,
        password_hash,
        clock.now(),
    )
    if row is None:
        raise IdentifierTaken("Another account has this identifier.")
    return account_id


async def keep_hash(connection: Connection, account: Account, password_hash: str) -> None:
    """Store another hash of the same password, unless there is another one by now."""
    await connection.execute(
        "UPDATE auth_accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        account.id,
        account.password_hash,
        password_hash,
    )


async def change_hash(
    connection: Connection, clock: Clock, account: Account, password_hash: str
) -> bool:
    """Store the hash of a new password, unless the account is another by now.

    Returns:
        Whether it was stored.
    """
    row = await connection.fetchrow(
        """
        UPDATE auth_accounts SET password_hash = $3, version = version + 1, updated_at = $4
        WHERE id = $1 AND version = $2 AND NOT disabled
        RETURNING id
        """,
        account.id,
        account.version,
        password_hash,
        clock.now(),
    )
    return row is not None


async def mark_changed(connection: Connection, clock: Clock, account: Account) -> bool:
    """Let what was begun with an account as it was not go on, and hold it until the unit ends.

    Returns:
        Whether the account was as it was read, and is let in.
    """
    row = await connection.fetchrow(
        """
        UPDATE auth_accounts SET version = version + 1, updated_at = $3
        WHERE id = $1 AND version = $2 AND NOT disabled
        RETURNING id
        """,
        account.id,
        account.version,
        clock.now(),
    )
    return row is not None


def account_of(row: Any) -> Account:
    """Return the account that a row of ``ACCOUNT_COLUMNS`` is."""
    return Account(
        id=row["id"],
        identifier=row["identifier"],
        display_name=row["display_name"],
        role=Role(row["role"]),
        scope=scope_of(row),
        password_hash=row["password_hash"],
        disabled=row["disabled"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
