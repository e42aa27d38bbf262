"""Who shows a token, and what they are handed."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from muster.plugin_api import PERMISSIONS_OF_ROLES, Forbidden, Principal
from muster.ports.unit_of_work import UnitOfWorkFactory
from muster_auth.access_tokens import Claims
from muster_auth.accounts import Account, account_by_id
from muster_auth.audited_accounts import actor_of
from muster_auth.standing import Standing

__all__ = ["TokenHolder", "Tokens", "account_of"]


class Tokens(Struct, frozen=True):
    """What a client is handed.

    Attributes:
        access_token: For the ``Authorization`` header.
        refresh_token: For the next refresh, once.
        session_id: The session of both.
    """

    access_token: str
    refresh_token: str
    session_id: UUID


class TokenHolder(Struct, frozen=True):
    """Who shows an access token.

    Attributes:
        claims: What the token says.
        standing: What they are at present.
    """

    claims: Claims
    standing: Standing

    @property
    def principal(self) -> Principal:
        """As the core knows them."""
        who = self.standing.account_id
        name = f"script:{self.claims.jti}" if who is None else actor_of(who)
        role = self.standing.role
        return Principal(name, PERMISSIONS_OF_ROLES[role], self.standing.scope)

    @property
    def account_id(self) -> UUID:
        """Their account.

        Raises:
            Forbidden: A script has none.
        """
        if self.standing.account_id is None:
            raise Forbidden("This needs the access token of an account.")
        return self.standing.account_id


async def account_of(units: UnitOfWorkFactory, holder: TokenHolder) -> Account:
    """Return a holder's account.

    Raises:
        Forbidden: A script has none.
    """
    async with units() as unit:
        account = await account_by_id(unit.connection, holder.account_id)
    assert account is not None, "accounts are never deleted"
    return account
