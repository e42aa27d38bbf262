"""The plugin: how accounts and tokens come into Muster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from muster.plugin_api import (
    Authenticator,
    CliCommand,
    HttpRoutes,
    JobType,
    LifespanStep,
    Manifest,
    PortLookup,
    SettingsLookup,
    hookimpl,
)
from muster_auth.account_commands import account_commands
from muster_auth.account_desk import AccountDesk, account_desk
from muster_auth.account_routes import account_routes
from muster_auth.authentication import Authentication
from muster_auth.authenticator import token_authenticator
from muster_auth.clean_up import clean_up_type
from muster_auth.commands import auth_commands
from muster_auth.key_commands import key_commands
from muster_auth.key_routes import key_routes
from muster_auth.mail_orders import mail_types
from muster_auth.routes import auth_routes
from muster_auth.second_factor_routes import second_factor_routes
from muster_auth.services import Services, key_authenticator
from muster_auth.settings import AuthSettings
from muster_auth.workings import workings_of

__all__ = ["AuthPlugin"]


class AuthPlugin:
    """Accounts, sessions and tokens; each app has an instance of its own."""

    MANIFEST: ClassVar[Manifest] = Manifest(
        name="auth", api_version=1, requires=("postgres",), settings=AuthSettings
    )

    def __init__(self) -> None:
        """Begin with nothing opened."""
        self._authentication: Authentication | None = None
        self._services: Services | None = None
        self._desk: AccountDesk | None = None

    @hookimpl
    def lifespan(self, settings: SettingsLookup) -> Sequence[LifespanStep]:
        """Keep the threads that hash, and what is remembered, while the app runs."""
        section = settings.section(AuthSettings)

        @asynccontextmanager
        async def opened(ports: PortLookup) -> AsyncIterator[None]:
            authentication = Authentication(workings_of(ports, section))
            try:
                desk = account_desk(authentication.workings, ports)
                await authentication.sealed_rows.refuse_strange()
                self._authentication, self._desk = authentication, desk
                self._services = Services(authentication.workings)
                yield
            finally:
                self._authentication = self._desk = self._services = None
                authentication.close()

        return [LifespanStep("authentication", opened)]

    @hookimpl
    def authenticators(self, settings: SettingsLookup) -> Sequence[Authenticator]:
        """Know people by their access tokens, and services by their API keys."""
        return [
            token_authenticator(self._running),
            key_authenticator(self._running_services),
        ]

    @hookimpl
    def http_routes(self, settings: SettingsLookup) -> Sequence[HttpRoutes]:
        """Offer logging in and out, and what belongs to it; accounts and keys to administrators."""
        seconds = settings.section(AuthSettings).access_token_seconds
        return [
            *auth_routes(self._running, seconds),
            *account_routes(self._open_desk),
            *second_factor_routes(self._running, seconds),
            *key_routes(self._running_services),
        ]

    @hookimpl
    def jobs(self, settings: SettingsLookup) -> Sequence[JobType[Any]]:
        """Offer the mails that the plugin writes, and deleting what has had its time."""
        cleaning = clean_up_type(settings.section(AuthSettings))
        return [*mail_types(lambda: self._open_desk().mail), cleaning]

    @hookimpl
    def cli_commands(self, settings: SettingsLookup) -> Sequence[CliCommand]:
        """Offer ``muster auth``."""
        group = auth_commands(self._running)
        own = account_commands(self._open_desk)
        for command in (*own, *key_commands(self._running_services)):
            group.add_command(command)
        return [CliCommand(group)]

    def _running(self) -> Authentication:
        if self._authentication is None:
            raise RuntimeError("the app is not running")
        return self._authentication

    def _running_services(self) -> Services:
        if self._services is None:
            raise RuntimeError("the app is not running")
        return self._services

    def _open_desk(self) -> AccountDesk:
        if self._desk is None:
            raise RuntimeError("the app is not running")
        return self._desk
