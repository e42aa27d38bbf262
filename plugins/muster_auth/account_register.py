"""Accounts as administrators see and change them; what decides stands in the database."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

from muster.plugin_api import Role, Scope
from muster.ports.paging import Page, PageRequest, Position
from muster.ports.unit_of_work import Connection
from muster_auth.accounts import ACCOUNT_COLUMNS, Account, accepted_name, account_of

__all__ = [
    "AccountOrder",
    "account_to_change",
    "change_disabled",
    "change_invited",
    "change_role",
    "is_last_administrator",
    "page_of_accounts",
    "take_turn",
    "void_invitation",
]

_TURN = 0x6D75737465720013
"""The advisory lock of whoever changes what accounts may do ("muster", and the migration)."""

_PAGE = f"""
    SELECT {ACCOUNT_COLUMNS} FROM auth_accounts
    WHERE ($1::text IS NULL OR role = $1) AND starts_with(identifier, $2)
        AND ($3::text IS NULL OR identifier > $3)
    ORDER BY identifier LIMIT $4
"""  # noqa: S608 - constants
_PAGE_BACKWARDS = _PAGE.replace("identifier >", "identifier <").replace(
    "ORDER BY identifier", "ORDER BY identifier DESC"
)
_CHANGE_ROLE = f"""
    UPDATE auth_accounts SET role = $2, franchise_id = $3, trainer_id = $4, client_id = $5,
        version = version + 1, updated_at = $6
    WHERE id = $1 RETURNING {ACCOUNT_COLUMNS}
"""  # noqa: S608 - constants
_CHANGE_DISABLED = f"""
    UPDATE auth_accounts SET disabled = $2, version = version + 1, updated_at = $3
    WHERE id = $1 RETURNING {ACCOUNT_COLUMNS}
"""  # noqa: S608 - constants
_CHANGE_INVITED = f"""
    UPDATE auth_accounts SET display_name = $2, role = $3, franchise_id = $4, trainer_id = $5,
        client_id = $6, version = version + 1, updated_at = $7
    WHERE id = $1 AND password_hash IS NULL AND NOT disabled RETURNING {ACCOUNT_COLUMNS}
"""  # noqa: S608 - constants
_IS_LAST = """
    SELECT bool_and(id = $1) AND count(*) = 1 AS last FROM (
        SELECT id FROM auth_accounts
        WHERE role = 'company_admin' AND NOT disabled AND password_hash IS NOT NULL LIMIT 2
    ) AS administrators
"""


class AccountOrder(Enum):
    """By what accounts are sorted."""

    IDENTIFIER = "identifier"


async def page_of_accounts(
    connection: Connection, role: Role | None, prefix: str, request: PageRequest[AccountOrder]
) -> Page[Account]:
    """Return a page of accounts.

    Args:
        connection: Of a unit.
        role: Those of this role alone.
        prefix: With which their identifiers begin, canonical.
        request: Which page.
    """
    after = None if request.after is None else request.after.value
    rows = await connection.fetch(
        _PAGE_BACKWARDS if request.descending else _PAGE,
        role and role.value,
        prefix,
        after,
        request.limit + 1,
    )
    shown = tuple(account_of(row) for row in rows[: request.limit])
    more = len(rows) > request.limit
    return Page(shown, Position(shown[-1].identifier, shown[-1].id) if more else None)


async def take_turn(connection: Connection) -> None:
    """Let nobody else change what accounts may do until the unit ends.

    Of two administrators who disable each other at once, the second sees what the first did.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _TURN)


async def account_to_change(connection: Connection, account_id: UUID) -> Account | None:
    """Return an account as it is, and keep it so until the unit ends."""
    row = await connection.fetchrow(
        f"SELECT {ACCOUNT_COLUMNS} FROM auth_accounts WHERE id = $1 FOR UPDATE",  # noqa: S608 - constants
        account_id,
    )
    return row and account_of(row)


async def is_last_administrator(connection: Connection, account_id: UUID) -> bool:
    """Return whether nobody else can administer accounts; exact for who has the turn."""
    row = await connection.fetchrow(_IS_LAST, account_id)
    return row is not None and bool(row["last"])


async def change_role(
    connection: Connection, account_id: UUID, role: Role, scope: Scope, now: datetime
) -> Account:
    """Give an account that is kept another role and its bounds; return it."""
    row = await connection.fetchrow(
        _CHANGE_ROLE,
        account_id,
        role.value,
        scope.franchise_id,
        scope.trainer_id,
        scope.client_id,
        now,
    )
    return account_of(row)


async def change_disabled(
    connection: Connection, account_id: UUID, now: datetime, *, disabled: bool
) -> Account:
    """Let an account that is kept in no more, or again; return it."""
    return account_of(await connection.fetchrow(_CHANGE_DISABLED, account_id, disabled, now))


async def change_invited(
    connection: Connection,
    account_id: UUID,
    display_name: str,
    role: Role,
    scope: Scope,
    now: datetime,
) -> Account | None:
    """Change an account whose owner has not accepted yet; ``None`` where they have.

    Raises:
        AccountRefused: The name cannot be so.
    """
    row = await connection.fetchrow(
        _CHANGE_INVITED,
        account_id,
        accepted_name(display_name),
        role.value,
        scope.franchise_id,
        scope.trainer_id,
        scope.client_id,
        now,
    )
    return row and account_of(row)


async def void_invitation(connection: Connection, account_id: UUID) -> None:
    """Let the letter that an account was invited by open nothing any more."""
    await connection.execute("DELETE FROM auth_invitations WHERE account_id = $1", account_id)
