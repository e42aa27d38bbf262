"""What the plugin does, for its routes, its authenticator and its commands."""

from __future__ import annotations

import os
from uuid import UUID

from muster.plugin_api import Caller, Role, Scope, Unauthenticated, command_line
from muster_auth.access_tokens import AccessTokens
from muster_auth.accounts import (
    Account,
    account_by_id,
    account_by_identifier,
    add_account,
    change_hash,
    keep_hash,
    role_in_scope,
    still_logs_in,
)
from muster_auth.attempts import wrong_password
from muster_auth.audited_accounts import audited_bounds, audited_role
from muster_auth.errors import AccountRefused, RefreshTokenReused
from muster_auth.factor_changes import FactorChanges
from muster_auth.identifiers import canonical, is_another_mailbox
from muster_auth.own_second_factor import OwnSecondFactor
from muster_auth.own_sessions import OwnSessions
from muster_auth.passwords import accepted_password, normal_password
from muster_auth.pending_logins import Pending
from muster_auth.sealed_rows import SealedRows
from muster_auth.sealed_secrets import SealedSecrets
from muster_auth.second_factors import SecondFactors
from muster_auth.second_step import SecondStep
from muster_auth.secrets_keys import secrets_keys
from muster_auth.sessions import Client, Opened
from muster_auth.signing_keys import SigningKeys
from muster_auth.token_holders import TokenHolder, Tokens, account_of
from muster_auth.workings import Workings

__all__ = ["Authentication"]


class Authentication:
    """Accounts, sessions and tokens of one running app.

    Attributes:
        workings: What it shares with the other parts of the plugin.
        sealed_rows: What stands in the database sealed.
        keys: That sign tokens.
        second_step: Goes on with logins whose password was right.
        own_second_factor: What people do with their second factor.
        own_sessions: What people do with their sessions.
    """

    def __init__(self, workings: Workings) -> None:
        """Compose it.

        Args:
            workings: What it shares with the other parts of the plugin.
        """
        self.workings = workings
        self._units = units = workings.units
        self._clock = clock = workings.clock
        self._entropy = entropy = workings.entropy
        self._settings = settings = workings.settings
        self._notes = notes = workings.notes
        self._hashing = workings.hashing
        self._attempts = workings.attempts
        self._sessions = workings.sessions
        self._standings = workings.standings
        seal = SealedSecrets(secrets_keys(settings, entropy, os.environ), entropy)
        self.sealed_rows = SealedRows(units, seal)
        self.keys = SigningKeys(units, clock, entropy, seal, settings.access_token_seconds, notes)
        self._access = AccessTokens(self.keys, clock, entropy, settings)
        factors = SecondFactors(clock, entropy, seal, settings.issuer)
        changes = FactorChanges(workings, factors)
        self.second_step = SecondStep(workings, factors, changes)
        self.own_second_factor = OwnSecondFactor(workings, factors, changes)
        self.own_sessions = OwnSessions(workings)

    def close(self) -> None:
        """End what runs."""
        self._hashing.close()

    async def log_in(self, identifier: str, password: str, client: Client) -> Tokens | Pending:
        """Begin a session for who knows the password, unless a second step is needed.

        Raises:
            Unauthenticated: Nobody is called so, the password is wrong, or there were too many
                attempts; which of them is not told.
            TooManyLogins: Too many passwords are being evaluated.
        """
        identifier = canonical(identifier)
        async with self._units() as unit:
            account = await account_by_identifier(unit.connection, identifier)
        opened = await self._proven(identifier, account, password, client)
        return opened if isinstance(opened, Pending) else await self.handed(opened)

    async def refresh(self, token: str, client: Client) -> Tokens:
        """Exchange a refresh token.

        Raises:
            Unauthenticated: It opens nothing, or nothing any more.
        """
        try:
            opened = await self._sessions.renew(token, client)
        except RefreshTokenReused as reused:
            self._standings.forget(reused.session_id)
            raise
        return await self.handed(opened)

    async def handed(self, opened: Opened) -> Tokens:
        """Return the tokens of a session that was begun or renewed."""
        access = await self._access.for_session(opened.account_id, opened.session_id)
        return Tokens(access, opened.refresh_token, opened.session_id)

    async def holder(self, token: str) -> TokenHolder:
        """Return who shows an access token.

        Raises:
            Unauthenticated: It is not valid, or no longer.
        """
        claims = await self._access.verified(token)
        standing = await self._standings.of(claims)
        if standing is None:
            raise Unauthenticated("The access token is not valid.")
        return TokenHolder(claims, standing)

    async def account(self, holder: TokenHolder) -> Account:
        """Return a holder's account.

        Raises:
            Forbidden: A script has none.
        """
        return await account_of(self._units, holder)

    async def change_password(
        self, holder: TokenHolder, current: str, new: str, caller: Caller
    ) -> None:
        """Change a holder's password, and end all their sessions.

        Raises:
            Unauthenticated: The current password is wrong, or there were too many attempts.
            PasswordRefused: The new one breaks rules.
            TooManyLogins: Too many passwords are being evaluated.
        """
        account = await self.account(holder)
        enrolled = await self.own_second_factor.is_on(account.id)
        accepted = accepted_password(
            new,
            shortest=self._settings.shortest_password(second_factor=enrolled),
            about=(account.identifier, account.display_name),
        )
        async with self._hashing.turn() as turn:
            attempt = await self._attempts.by_password(
                turn, account.identifier, account.password_hash, current, caller
            )
            hashed = await turn.hash(accepted)
        await self._attempts.passed(attempt)
        async with self._units() as unit:
            if not await change_hash(unit.connection, self._clock, account, hashed):
                raise wrong_password()
            ended = await self._sessions.end_all(unit.connection, account.id, "password change")
            await self._notes.note(unit, caller, "ChangePassword", account.id)
            await unit.commit()
        self._standings.forget_all(ended)

    async def create_account(
        self, identifier: str, display_name: str, password: str, role: Role, scope: Scope
    ) -> UUID:
        """Create an account; return its id.

        Raises:
            AccountRefused: Its identifier, its name or its scope cannot be so.
            PasswordRefused: The password breaks rules.
        """
        role_in_scope(role, scope)
        if is_another_mailbox(identifier):
            raise AccountRefused("The plain form of this address is another address.")
        hashed = await self._hashing.of_new(
            password,
            shortest=self._settings.shortest_password(second_factor=False),
            about=(canonical(identifier), display_name),
            path="password",
        )
        async with self._units() as unit:
            account_id = await add_account(
                unit.connection,
                self._clock,
                self._entropy,
                identifier=identifier,
                display_name=display_name,
                role=role,
                scope=scope,
                password_hash=hashed,
            )
            account = await account_by_id(unit.connection, account_id)
            assert account is not None, "it was added in this unit"
            caller, made = command_line(self._entropy), audited_bounds(account)
            await self._notes.note(unit, caller, "CreateAccount", account_id, after=made)
            await unit.commit()
        return account_id

    async def script_token(self, role: Role, scope: Scope) -> str:
        """Return a short-lived token for a script, of which the audit trail knows.

        Raises:
            AccountRefused: The scope is not the role's.
        """
        role_in_scope(role, scope)
        token, claims = await self._access.for_script(role, scope)
        async with self._units() as unit:
            await self._notes.note(
                unit,
                command_line(self._entropy),
                "IssueScriptToken",
                claims.jti,
                subject_kind="script_token",
                after={**audited_role(role, scope), "expiresAt": claims.expires_at.isoformat()},
            )
            await unit.commit()
        return token

    async def _proven(
        self,
        identifier: str,
        account: Account | None,
        password: str,
        client: Client,
    ) -> Opened | Pending:
        usable = None if account is None or account.disabled else account
        stored = None if usable is None else usable.password_hash
        async with self._hashing.turn() as turn:
            attempt = await self._attempts.by_password(
                turn, identifier, stored, password, client.caller
            )
            assert usable is not None, "nobody's password is never right"
            assert stored is not None, "it was just held to the password"
            outdated = self._hashing.is_outdated(stored)
            renewed = await turn.hash(normal_password(password)) if outdated else None
        await self._attempts.passed(attempt)
        async with self._units() as unit:
            if not await still_logs_in(unit.connection, usable):
                raise wrong_password()
            opened = await self.second_step.begin(unit, usable, client)
            await unit.commit()
        if renewed is not None:
            # In a unit of its own: two logins that hold the account would wait for each other.
            async with self._units() as unit:
                await keep_hash(unit.connection, usable, renewed)
                await unit.commit()
        return opened
