"""``muster auth``: accounts, tokens for scripts, and new keys."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from muster.plugin_api import PortLookup, Role, Scope, command_line
from muster.ports.entropy import ENTROPY
from muster_auth.authentication import Authentication
from muster_auth.command_options import scoped

__all__ = ["auth_commands"]

_name = click.option("--name", help="As people are shown it; the identifier by default.")
_from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


def auth_commands(running: Callable[[], Authentication]) -> click.Group:
    """Return the group ``auth``.

    Args:
        running: Returns the authentication of the app that the command runs in.
    """

    @click.group("auth")
    def auth() -> None:
        """Create accounts, issue tokens for scripts, and replace keys."""

    async def created(
        identifier: str, name: str | None, password_stdin: bool, role: Role, scope: Scope
    ) -> None:
        account_id = await running().create_account(
            identifier, name or identifier, _password(password_stdin), role, scope
        )
        click.echo(f"Created the account {account_id} of a {role.value}.")

    @auth.command("create-admin")
    @click.argument("identifier")
    @_name
    @_from_stdin
    async def create_admin(
        ports: PortLookup, identifier: str, name: str | None, password_stdin: bool
    ) -> None:
        """Create an account that may do everything: a company admin called IDENTIFIER."""
        await created(identifier, name, password_stdin, Role.COMPANY_ADMIN, Scope())

    @auth.command("create-account")
    @click.argument("identifier")
    @scoped
    @_name
    @_from_stdin
    async def create_account(
        ports: PortLookup,
        identifier: str,
        role: Role,
        scope: Scope,
        name: str | None,
        password_stdin: bool,
    ) -> None:
        """Create an account called IDENTIFIER; its role says which id it is bound to."""
        await created(identifier, name, password_stdin, role, scope)

    @auth.command()
    @scoped
    async def token(ports: PortLookup, role: Role, scope: Scope) -> None:
        """Print a short-lived access token for scripts."""
        click.echo(await running().script_token(role, scope))

    @auth.command("rotate-keys")
    @click.option(
        "--at-once",
        is_flag=True,
        help="Believe the old keys no more: every access token dies. For a key that leaked.",
    )
    async def rotate_keys(ports: PortLookup, at_once: bool) -> None:
        """Sign with a new key; the old one is believed until what it signed has expired."""
        kid = await running().keys.rotate(command_line(ports.get(ENTROPY)), at_once=at_once)
        click.echo(f"The new key is {kid}.")

    @auth.command()
    async def reseal(ports: PortLookup) -> None:
        """Seal by MUSTER_AUTH__SECRETS_KEY what older keys have sealed."""
        click.echo(f"Sealed anew: {await running().sealed_rows.reseal()}.")

    return auth


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
